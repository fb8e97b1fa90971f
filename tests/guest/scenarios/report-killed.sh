# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# A report that never comes: a reader can be killed, a CPU can be taken away, and
# one that nobody kills ends by itself.

. /report.sh

E=$REPORTS/entry

check attestation_is_there bring_up_attestation
mkdir "$E"
echo "$challenge" | xxd -r -p >"$E"/inblob

cat "$E"/outblob >/tmp/token &
reader=$!
sleep 1
start=$(uptime_ms)
kill -9 $reader
wait $reader
value status_of_killed $?
value ms_to_die $(($(uptime_ms) - start))

story "one that nobody kills, on a CPU that is to leave"
taskset 2 cat "$E"/outblob >/tmp/token 2>/tmp/slow.log &
reader=$!
sleep 1
start=$(uptime_ms)
echo 0 >/sys/devices/system/cpu/cpu1/online
value ms_to_leave $(($(uptime_ms) - start))
check cpu_left [ "$(cat /sys/devices/system/cpu/online)" = 0 ]
wait $reader
value status_of_slow $?
value slow_says "$(sed 's/.*: //' /tmp/slow.log)"
echo 1 >/sys/devices/system/cpu/cpu1/online
check cpu_came_back [ "$(cat /sys/devices/system/cpu/online)" = 0-1 ]
rmdir "$E"
