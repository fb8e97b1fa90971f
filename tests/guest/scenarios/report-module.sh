# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The driver as a module: found by its alias, and loaded and unloaded many times.

. /report.sh

loaded() {
	grep -q "^$1 " /proc/modules
}

hundred_times() {
	for i in $(seq 1 100); do
		rmmod arm_cca_guest || return 1
		[ ! -e "$CCA_MISC" ] || { echo "round $i: files are left"; return 1; }
		modprobe arm_cca_guest || return 1
		[ -e "$(register rim)" ] || { echo "round $i: no files"; return 1; }
	done
}

# An entry outlives the driver: it is good for nothing until it is removed.
# (What check runs says nothing to the host, hence the redirections.)
left_behind() {
	mkdir "$REPORTS"/left
	echo "$challenge" | xxd -r -p >"$REPORTS"/left/inblob
	rmmod arm_cca_guest || return 1
	value orphan_outblob "$(attempt read "$REPORTS"/left/outblob)" >/dev/kmsg
	value orphan_provider "$(attempt read "$REPORTS"/left/provider)" >/dev/kmsg
	value mkdir_without_driver "$(attempt mkdir "$REPORTS"/other)" >/dev/kmsg
	modprobe arm_cca_guest
	value module_with_an_orphan "$([ -d "$CCA_MISC" ] && echo bound || echo unbound)" >/dev/kmsg
	rmdir "$REPORTS"/left
	rmmod arm_cca_guest
	modprobe arm_cca_guest
	[ -d "$CCA_MISC" ]
}

unbind_and_bind() {
	for i in 1 2 3; do
		echo arm-cca-dev >/sys/bus/platform/drivers/arm_cca_guest/unbind || return 1
		[ ! -e "$CCA_MISC" ] || return 1
		echo arm-cca-dev >/sys/bus/platform/drivers/arm_cca_guest/bind || return 1
		[ -e "$CCA_MISC" ] || return 1
	done
}

value before "$(loaded arm_cca_guest && echo loaded || echo absent)"
check attestation_is_there bring_up_attestation
check loaded_by_alias loaded arm_cca_guest
value hooked_module "$(modprobe virtio_balloon && loaded virtio_balloon && echo loaded)"
check loads_and_unloads hundred_times
check entry_outlives_the_driver left_behind
check unbinds_and_binds unbind_and_bind
check report_is_made report "$challenge" /tmp/token
show_token /tmp/token
value warnings "$(dmesg | grep -c 'WARNING:')"
