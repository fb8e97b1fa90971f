# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Disk and random numbers while a kprobe is on each function of the layer, at its entry and at its
# return, and the function tracer follows them. What must not be probed is refused.

TRACING=/sys/kernel/tracing

# The layer's functions that the running kernel has, and those that its hooks are in.
ours() {
	sed -nE 's/^[0-9a-f]* [tT] ((__)?(pguest|pkvm|rsi)_[a-z0-9_]*)$/\1/p' /proc/kallsyms
	echo swiotlb_tbl_map_single do_sea do_el1_undef virtblk_poll free_reserved_area | tr ' ' '\n'
}

put_probes() {
	probes=0
	for function in $(ours | sort -u); do
		echo "p:on/$function $function" >>$TRACING/kprobe_events 2>/dev/null || continue
		echo "r:of/$function $function" >>$TRACING/kprobe_events 2>/dev/null
		probes=$((probes + 1))
	done
	echo 1 >$TRACING/events/on/enable
	echo 1 >$TRACING/events/of/enable
	[ "$probes" -gt 40 ] || { echo "$probes probes"; return 1; }
}

trace_functions() {
	for pattern in '*pguest_*' 'pkvm_*' 'rsi_*'; do
		echo "$pattern" >>$TRACING/set_ftrace_filter
	done
	echo function >$TRACING/current_tracer
}

rebind_rng() {
	drivers=/sys/bus/virtio/drivers/virtio_rng
	device=$(basename $drivers/virtio*)
	echo "$device" >$drivers/unbind && echo "$device" >$drivers/bind
}

# How often a probe was hit and could not be
hits_of() {
	sed -n "s/^ *$1 *\([0-9]*\) *\([0-9]*\)$/\1/p" $TRACING/kprobe_profile | head -n 1
}

mount -t tracefs tracefs $TRACING
for function in __pguest_hvc __pguest_smc pguest_call_fixup __pkvm_read_id_regs pguest_space_share; do
	if echo "p:never/$function $function" >>$TRACING/kprobe_events 2>/dev/null &&
		echo 1 >$TRACING/events/never/enable 2>/dev/null; then
		value "probed_$function" yes
	else
		value "probed_$function" no
	fi
	echo 0 >$TRACING/events/enable
	echo >$TRACING/kprobe_events
done
check probes_are_put put_probes
check functions_are_traced trace_functions
. /scenarios/disk.sh
check rng_rebinds rebind_rng
check rng_reads read_hwrng
echo 0 >$TRACING/tracing_on
for function in pguest_space_share pguest_space_unshare __pguest_bounce_ready swiotlb_tbl_map_single \
		pkvm_share pkvm_unshare rsi_share rsi_unshare; do
	value "hits_$function" "$(hits_of "$function")"
done
# A function and its caller, as the function tracer writes them
value traced "$(grep -c ': [a-z_]*pguest_[a-z_]* <-' $TRACING/trace)"
echo nop >$TRACING/current_tracer
echo 0 >$TRACING/events/enable
echo >$TRACING/kprobe_events
