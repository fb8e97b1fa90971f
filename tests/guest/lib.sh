# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# What init and the scenarios share.

export PATH=/bin

MARK_USER_SPACE=1
MARK_DONE=2

DEBUGFS=/sys/kernel/debug/pguest

passed=0
failed=0
secret_pid=

mount_filesystems() {
	/bin/busybox mount -t devtmpfs devtmpfs /dev
	/bin/busybox --install -s /bin
	mount -t proc proc /proc
	mount -t sysfs sysfs /sys
	mount -t debugfs debugfs /sys/kernel/debug
	mount -t tmpfs tmpfs /tmp
	exec </dev/null >/dev/kmsg 2>&1
}

# --- talking to the host ----------------------------------------------------

story() {
	echo "@pguest {\"story\": \"$*\"}"
}

# value NAME WORDS: something that the host compares with what it knows itself.
value() {
	name=$1
	shift
	echo "@pguest {\"value\": \"$name\", \"is\": \"$*\"}"
}

pass() {
	passed=$((passed + 1))
	echo "@pguest {\"check\": \"$1\", \"ok\": true}"
}

fail() {
	failed=$((failed + 1))
	echo "@pguest {\"check\": \"$1\", \"ok\": false, \"why\": \"$2\"}"
}

# check NAME COMMAND...: the command's last words are the reason when it fails.
check() {
	name=$1
	shift
	if "$@" >/tmp/check.log 2>&1; then
		pass "$name"
	else
		fail "$name" "$(tail -n 1 /tmp/check.log | tr -d '"\\\t')"
	fi
}

say_summary() {
	echo "@pguest {\"summary\": \"$passed passed, $failed failed\"}"
	echo "SUMMARY: init: $passed passed, $failed failed"
}

# --- the machine ------------------------------------------------------------

# write_console TEXT: to the host. Without the device, > would create a file of that name.
write_console() {
	[ -c /dev/hvc0 ] || { echo "there is no /dev/hvc0"; return 1; }
	echo "$1" >/dev/hvc0
}

# word NAME [DEFAULT]: VALUE of the last pguest_NAME=VALUE on the kernel command line.
word() {
	found=$(tr ' ' '\n' </proc/cmdline | sed -n "s/^pguest_$1=//p" | tail -n 1)
	echo "${found:-$2}"
}

# The words pguest_NAME=VALUE that every scenario has, as $NAME.
read_command_line() {
	scenario=nothing
	port_up='' port_down='' secret='' net='' challenge='' steal=0 replay='' rng_kib=256 net_mib=16
	for word in $(cat /proc/cmdline); do
		case $word in
		pguest_scenario=*) scenario=${word#*=} ;;
		pguest_port_up=*) port_up=${word#*=} ;;
		pguest_port_down=*) port_down=${word#*=} ;;
		pguest_secret=*) secret=${word#*=} ;;
		pguest_net=*) net=${word#*=} ;;
		pguest_rng_kib=*) rng_kib=${word#*=} ;;
		pguest_net_mib=*) net_mib=${word#*=} ;;
		pguest_replay=*) replay=${word#*=} ;;
		pguest_challenge=*) challenge=${word#*=} ;;
		pguest_steal=*) steal=${word#*=} ;;
		pguest_doorbell=*) export DOORBELL="${word#*=}" ;;
		esac
	done
}

# What the kernel said before its console was there, for one that comes late: a port of a virtio
# console is there some messages between driver and device after the driver.
replay_log() {
	[ -n "$replay" ] || return 0
	tries=0
	while [ ! -c "/dev/$replay" ] && [ $tries -lt 200 ]; do
		tries=$((tries + 1))
		usleep 50000
	done
	dmesg >"/dev/$replay"
}

uptime_ms() {
	read -r seconds _ </proc/uptime
	echo "$seconds" | tr -d . | sed 's/^0*//; s/$/0/'
}

mark() {
	doorbell mark "$1" >/dev/null 2>&1 || true
}

# Private memory full of the pattern that the monitor looks for in shared
# granules: held by a process, in the page cache, and in pages freed again.
plant_secret() {
	[ -n "$secret" ] || return 0
	secret plant "$secret" >/tmp/secret.log 2>&1 &
	secret_pid=$!
	tries=0
	while ! grep -q '^planted ' /tmp/secret.log && kill -0 $secret_pid 2>/dev/null && [ $tries -lt 800 ]; do
		tries=$((tries + 1))
		usleep 50000
	done
	private_page=$(sed -n 's/^planted //p' /tmp/secret.log)
	[ -n "$private_page" ] || fail secret_planted "$(tail -n 1 /tmp/secret.log)"
	value private_page "$private_page"
}

disk_work() {
	while [ ! -e /tmp/enough ]; do
		hammer 600 1 2 16 "$1" || return 1
	done
}

# start_disk_work DEVICE: it is written and compared all the time, until end_disk_work.
start_disk_work() {
	rm -f /tmp/enough
	disk_work "$1" >/tmp/hammer.log 2>&1 &
	worker=$!
}

end_disk_work() {
	touch /tmp/enough
	wait "$worker" || { tail -n 2 /tmp/hammer.log; return 1; }
}

bring_up_network() {
	[ -n "$net" ] || return 0
	ip link set lo up
	ip link set eth0 up && ip address add 10.0.2.15/24 dev eth0
}

run_scenario() {
	if [ -f "/scenarios/$scenario.sh" ]; then
		. "/scenarios/$scenario.sh"
	else
		fail scenario "there is no scenario $scenario"
	fi
}

# What is shared, and by which calls.
shared_in() {
	grep -e '^owner ' -e '^shared_now:' -e 'share_calls:' "$1"
}

# What the kernel says is shared. The host compares it with its own list, made at the mark:
# a line on a console may share more of the pool, so none is printed between the two.
list_ledger() {
	if [ ! -d "$DEBUGFS" ]; then
		mark "$MARK_DONE"
		return 0
	fi
	sync
	tries=0
	while [ $tries -lt 20 ]; do
		tries=$((tries + 1))
		cat "$DEBUGFS/stats" >/tmp/stats
		cat "$DEBUGFS/ledger" >/tmp/ledger
		mark "$MARK_DONE"
		[ "$(shared_in /tmp/stats)" = "$(shared_in "$DEBUGFS/stats")" ] && break
	done
	while read -r key rest; do
		case $key in
		*:) value "${key%:}" "$rest" ;;
		owner) value "owner_${rest% *}" "${rest##* }" ;;
		esac
	done </tmp/stats
	while read -r key rest; do
		value "status_${key%:}" "$rest"
	done <"$DEBUGFS/status"
	[ ! -f "$DEBUGFS/features" ] || sed -n 's/: / /p' "$DEBUGFS/features" |
		while read -r key rest; do value "features_$key" "$rest"; done
	head -n 200 /tmp/ledger | while read -r line; do
		echo "@pguest {\"ledger\": \"$line\"}"
	done
}

# Of the guest's own RAM: the host's pages for time may be at lower addresses.
# What the bounce pool has shared may be private a moment later.
first_shared_page() {
	[ -d "$DEBUGFS" ] && grep -v -e ' lost ' -e ' steal-time ' -e ' clock ' -e ' bounce-pool ' "$DEBUGFS/ledger" |
		sed -n '1s/-.*//p'
}

# All owners but the pools, which share as much of themselves as is used.
shared_outside_pools() {
	sed -n 's/^owner \(.*\) \([0-9]*\)$/\1=\2/p' "$DEBUGFS/stats" | grep -v pool= | tr '\n' ' '
}

# same_shared NAME MARK: mark a moment, and report what the guest then believed to be shared.
same_shared() {
	tries=0
	while [ $tries -lt 20 ]; do
		tries=$((tries + 1))
		believed=$(stat_of shared_now)
		mark "$2"
		[ "$believed" = "$(stat_of shared_now)" ] && break
	done
	value "$1_shared" "$believed"
}

# The bounce pool gives back what nothing has used for some seconds.
pool_settles() {
	tries=0
	while [ $tries -lt 600 ] && [ "$(stat_of pool_settled)" = no ]; do
		tries=$((tries + 1))
		usleep 100000
	done
}

stat_of() {
	sed -n "s/^$1: *//p" "$DEBUGFS/stats"
}

power_off() {
	poweroff -f
}

# --- things that several scenarios do ---------------------------------------

MIB=1048576

new_seed() {
	echo "0x$(cut -c 1-8 /proc/sys/kernel/random/uuid)"
}

# Two sums that could not be made are not the same.
same_sum() {
	[ -n "$1" ] && [ "$1" = "$2" ]
}

# Leaves the SHA-256 in $sum, for the host to compare with what it finds.
write_and_read_back() {
	file=$1
	mib=$2
	seed=$(new_seed)
	data "$seed" $((mib * MIB)) >"$file" || { echo "write failed"; return 1; }
	sync
	echo 3 >/proc/sys/vm/drop_caches
	sum=$(sha256 <"$file") || return 1
	same_sum "$sum" "$(data "$seed" $((mib * MIB)) | sha256)" ||
		{ echo "the data read is not the data written"; return 1; }
}

# load_kernel load|crash IMAGE COMMAND-LINE: what is started next, with the initramfs of /mnt.
# pguest_loader=debian: by Debian's kexec, which calls kexec_load().
load_kernel() {
	case $(word loader)-$1 in
	debian-load) /usr/sbin/kexec -c -l "$2" --initrd=/mnt/initramfs --command-line="$3" ;;
	debian-crash) /usr/sbin/kexec -c -p "$2" --initrd=/mnt/initramfs --command-line="$3" ;;
	*) kexec "$1" "$2" /mnt/initramfs "$3" ;;
	esac
}

send_to_host() {
	data "$(new_seed)" $((net_mib * MIB)) >/tmp/up
	tcp send "$port_up" </tmp/up || return 1
	sum=$(sha256 </tmp/up) || return 1
	rm /tmp/up
}

receive_from_host() {
	tcp receive "$port_down" >/tmp/down || return 1
	sum=$(sha256 </tmp/down) || return 1
	rm /tmp/down
}

read_hwrng() {
	[ "$(cat /sys/class/misc/hw_random/rng_current)" != none ] || { echo "no hwrng"; return 1; }
	dd if=/dev/hwrng of=/tmp/random bs=1024 count="$rng_kib" iflag=fullblock 2>/dev/null
	[ "$(stat -c %s /tmp/random)" -eq $((rng_kib * 1024)) ] || { echo "short read of /dev/hwrng"; return 1; }
	# Random bytes do not compress; a page that never left the host would.
	[ "$(gzip -c /tmp/random | wc -c)" -gt $((rng_kib * 1024 * 99 / 100)) ] || { echo "not random"; return 1; }
	rm /tmp/random
}

# The key of an encrypted swap: the same in the machine that hibernates and in the one that goes on.
image_key() {
	seq -w 10 73 | tr -d '\n'
}
