# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# tools/pguest, as root and as an ordinary user; the host compares what it prints.

MARK_SHOWN=10
MARK_QUIET=11
MARK_LOUD=12
# How often it is called while the disk works
calls=$(sed -n 's/.*pguest_calls=\([0-9]*\).*/\1/p' /proc/cmdline)

# file_value NAME FILE: a file for the host, in lines that fit into a record of the kernel's log.
file_value() {
	part=0
	base64 -w 600 "$2" | while read -r piece; do
		value "$1.$part" "$piece"
		part=$((part + 1))
	done
}

as_user() {
	su -s /bin/sh nobody -c "$1"
}

# shown NAME COMMAND: what it prints, and how it ends
shown() {
	$2 >"/tmp/$1" 2>&1
	value "$1_status" $?
	file_value "$1" "/tmp/$1"
	as_user "$2" >"/tmp/$1" 2>&1
	value "$1_user_status" $?
	file_value "$1_user" "/tmp/$1"
}

# What the host and each command have to agree on, at one time: see list_ledger().
show_snapshot() {
	tries=0
	while [ $tries -lt 20 ]; do
		tries=$((tries + 1))
		pguest --json >/tmp/json
		as_user "pguest --json" >/tmp/json_user
		pguest --prometheus >/tmp/prometheus
		pguest map >/tmp/map
		cat "$DEBUGFS/ledger" >/tmp/ledger_then 2>/dev/null
		mark "$MARK_SHOWN"
		pguest --json >/tmp/json_again
		cmp -s /tmp/json /tmp/json_again && break
	done
	for file in json json_user prometheus map ledger_then; do
		file_value "snapshot_$file" "/tmp/$file"
	done
}

# With what the bounce pool has for the moment
free_kib() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
	pool=$(stat_of pool_present 2>/dev/null)
	echo $(($(sed -n 's/^MemFree: *\([0-9]*\) kB/\1/p' /proc/meminfo) + ${pool:-0} / 1024))
}

# call TIMES: half of them as root
call() {
	tries=0
	while [ $tries -lt $(($1 / 2)) ]; do
		tries=$((tries + 1))
		pguest --json >/dev/null
	done
	as_user "tries=0; while [ \$tries -lt $(($1 / 2)) ]; do tries=\$((tries + 1)); pguest --json >/dev/null; done"
}

# In a subshell: it has a sum of its own. The CPU is for the calls.
work_on_disk() (
	while [ ! -f /tmp/enough ]; do
		write_and_read_back /mnt/data 1 || exit 1
		usleep 200000
	done
)

mkdir -p /etc
echo 'nobody:x:65534:65534::/:/bin/sh' >/etc/passwd
echo 'nogroup:x:65534:' >/etc/group
check disk_mounts mount -t ext4 /dev/vda /mnt
check disk_reads_back write_and_read_back /mnt/data 8

shown text "pguest status"
shown quiet "pguest status --quiet"
shown top "pguest top -d 1 -n 2"
shown map "pguest map"
shown usage "pguest nonsense"
value user_id "$(as_user 'id -u')"
value sysfs_files "$(cd /sys/firmware/pguest 2>/dev/null && stat -c '%a:%n' ./* | tr '\n' ' ')"
show_snapshot

# Nothing else is under way, and nothing is printed between the marks. The inode of the file that was read is dirty: it
# would be written some seconds later.
sync
[ ! -d "$DEBUGFS" ] || pool_settles
mark "$MARK_QUIET"
call 20
mark "$MARK_LOUD"

story "$calls calls while the disk works"
if [ -d "$DEBUGFS" ]; then
	value outside_before "$(shared_outside_pools)"
fi
value free_before "$(free_kib)"
work_on_disk >/tmp/work.log 2>&1 &
worker=$!
call "$calls"
touch /tmp/enough
check disk_worked wait $worker
value free_after "$(free_kib)"
if [ -d "$DEBUGFS" ]; then
	value outside_after "$(shared_outside_pools)"
fi
check disk_unmounts umount /mnt
