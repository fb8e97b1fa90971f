# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# eth0 is honest. The others are devices that lie, each in its way: pguest_attacks=NAME,NAME.
# What the host's data, and then ours for it, ends in: right, wrong, or fails. TCP knows right
# from wrong unless the device says that it has looked already. Then the interface has to go
# down, which waits for what its driver has under way.

# What has to work may take its time.
patience() {
	case $attack in
	'' | descriptors) echo 30 ;;
	*) echo 4 ;;
	esac
}

receive() {
	timeout "$(patience)" tcp receive "$port_down" >/tmp/down 2>/dev/null || return 1
	sum=$(sha256 </tmp/down) || return 1
}

receives() {
	if ! receive; then
		echo fails
	elif [ "$sum" = "$right" ]; then
		echo right
	else
		echo wrong
	fi
}

sends() {
	if timeout "$(patience)" tcp send "$port_up" </tmp/up 2>/dev/null; then echo right; else echo fails; fi
}

attack=
data "$(new_seed)" $((1024 * 1024)) >/tmp/up
check honest_network_before receive
right=$sum
value net_down_sha256 "$right"
ip address flush dev eth0
ip link set eth0 down

number=0
for attack in $(word attacks | tr ',' ' '); do
	number=$((number + 1))
	story "attack: $attack on eth$number"
	ip link set "eth$number" up
	ip address add 10.0.2.15/24 dev "eth$number"
	received=$(receives)
	value "receive_$attack" "$received"
	[ "$received" = fails ] || value "send_$attack" "$(sends)"
	ip address flush dev "eth$number"
	check "down_$attack" ip link set "eth$number" down
done

attack=
ip link set eth0 up
ip address add 10.0.2.15/24 dev eth0
check honest_network_after receive
check honest_data_after [ "$sum" = "$right" ]
