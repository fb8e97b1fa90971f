# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# KUnit's pguest_device_fuzz, which skipped its cases at boot, with the drivers that are modules and as many seeds as
# the command line asks for: pguest_devices= of each kind and ring, pguest_seeds= and pguest_first_seed=; pguest_case= is
# one of its cases, for kernels whose KUnit cannot run what it has run before; pguest_blind=1 chooses by chance alone.

PARAMETERS=/sys/module/device_fuzz_kunit/parameters
RUN=/sys/kernel/debug/kunit/pguest_device_fuzz/run

run_again() {
	if [ -e "$RUN" ]; then
		dd if=/proc/version of="$RUN" bs=1 count=1
	else
		word case all >"$PARAMETERS/again"
	fi
}

# Ports of consoles come and go: a program reads and writes what is there, and waits for the host while they do.
use_ports() {
	while sleep 0.02; do
		for port in /dev/vport*; do
			[ -c "$port" ] || continue
			timeout 1 dd if="$port" of=/dev/null bs=64 count=4 &
			timeout 1 dd if=/proc/version of="$port" bs=64
		done
	done >/dev/null 2>&1
}

seed=$(word first_seed)
last=$((seed + $(word seeds)))
depmod
check balloon_loads modprobe virtio_balloon
word devices >"$PARAMETERS/cases"
if [ "$(word blind)" = 1 ]; then
	echo 0 >"$PARAMETERS/guided"
fi
use_ports &
ports=$!
while [ "$seed" -lt "$last" ]; do
	echo "$seed" >"$PARAMETERS/seed"
	check "seed_$seed" run_again
	seed=$((seed + 1))
done
kill "$ports"
while read -r blocks; do
	echo "reached $blocks"
done </sys/kernel/debug/pguest_blocks
