# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# KUnit's pguest_device_fuzz, which skipped its cases at boot, with the drivers that are modules and as many seeds as
# the command line asks for: pguest_devices= of each kind and ring, pguest_seeds= and pguest_first_seed=.

PARAMETERS=/sys/module/device_fuzz_kunit/parameters
RUN=/sys/kernel/debug/kunit/pguest_device_fuzz/run

seed=$(word first_seed)
last=$((seed + $(word seeds)))
depmod
check balloon_loads modprobe virtio_balloon
word devices >"$PARAMETERS/cases"
while [ "$seed" -lt "$last" ]; do
	echo "$seed" >"$PARAMETERS/seed"
	check "seed_$seed" dd if=/proc/version of="$RUN" bs=1 count=1
	seed=$((seed + 1))
done
