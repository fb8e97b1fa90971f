# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Time that the host supplies, for the scenarios: steal time and the clock page.

# The driver's directory of the clock page, if the page is there and was taken.
clock_device() {
	for device in /sys/bus/platform/drivers/vmclock/*.vmclock; do
		[ -d "$device" ] && echo "$device" && return 0
	done
	return 1
}

has_clock() {
	grep -q '^vmclock' /sys/class/ptp/*/clock_name 2>/dev/null
}

# The tree's own callback for CPUs, which is there if the host has what DEN0057A describes.
has_steal_time() {
	grep -q pvtime /sys/devices/system/cpu/hotplug/states
}

# steal_of CPU: milliseconds, as the scheduler has accounted for them since boot
steal_of() {
	sed -n "s/^cpu$1 //p" /proc/stat | { read -r _ _ _ _ _ _ _ ticks _; echo $((ticks * 10)); }
}

# "monitor guest" for each CPU, in milliseconds, since it came online and since boot
show_steal_time() {
	for cpu in $(seq 0 $(($(nproc) - 1))); do
		value "steal_ms_cpu$cpu" "$(($(doorbell stolen "$cpu") / 1000000)) $(steal_of "$cpu")"
	done
}

# A host that is real has other work between its account and its answer: the scenario says what is allowed then.
steal_off_percent=5
clock_errors_allowed=0

# nearly_equal A B: or off by two of the ticks in which Linux tells it
nearly_equal() {
	off=$(($1 - $2))
	[ ${off#-} -le $(($2 * steal_off_percent / 100)) ] || [ ${off#-} -le 20 ]
}

# steal_time SECONDS: all CPUs work, and what they miss is what the monitor took.
# Lines for the host: "monitor guest", in milliseconds, for each CPU.
steal_time() {
	burn "$1" >/tmp/burn || { echo "burn failed"; return 1; }
	steal_wrong=
	while read -r _ cpu guest monitor; do
		echo "@pguest {\"value\": \"stolen_ms_cpu$cpu\", \"is\": \"$monitor $guest\"}"
		if [ "$steal" != 0 ] && { [ "$monitor" -eq 0 ] || [ "$guest" -eq 0 ]; }; then
			steal_wrong="CPU$cpu: nothing was stolen"
		elif ! nearly_equal "$guest" "$monitor"; then
			steal_wrong="CPU$cpu: $guest ms stolen, the monitor says $monitor"
		fi
	done </tmp/burn
	[ -z "$steal_wrong" ] || { echo "$steal_wrong"; return 1; }
}

# What `check` runs has its output looked at: the lines for the host come after it,
# with a prefix where there are several of them.
tell_as() {
	sed -n "s/^@pguest {\"value\": \"/&$1/p" /tmp/check.log
}

# check_steal_time SECONDS [NAME]
check_steal_time() {
	check "steal_time${2:+_$2}" steal_time "$1"
	tell_as "${2:+$2_}"
}

# check_clock [NAME]
check_clock() {
	check "clock${1:+_$1}" clock 1000 $clock_errors_allowed
	tell_as "${1:+$1_}"
}
