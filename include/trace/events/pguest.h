/* SPDX-License-Identifier: GPL-2.0-only */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM pguest

#if !defined(_TRACE_PGUEST_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_PGUEST_H

#include <linux/tracepoint.h>
#include <linux/types.h>

TRACE_EVENT(pguest_share,
	TP_PROTO(phys_addr_t start, phys_addr_t end, int owner, int err),
	TP_ARGS(start, end, owner, err),
	TP_STRUCT__entry(
		__field(phys_addr_t, start)
		__field(phys_addr_t, end)
		__field(int, owner)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->start = start;
		__entry->end = end;
		__entry->owner = owner;
		__entry->err = err;
	),
	TP_printk("%pa-%pa owner=%d err=%d",
		  &__entry->start, &__entry->end, __entry->owner, __entry->err)
);

DECLARE_EVENT_CLASS(pguest_range_err,
	TP_PROTO(phys_addr_t start, phys_addr_t end, int err),
	TP_ARGS(start, end, err),
	TP_STRUCT__entry(
		__field(phys_addr_t, start)
		__field(phys_addr_t, end)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->start = start;
		__entry->end = end;
		__entry->err = err;
	),
	TP_printk("%pa-%pa err=%d",
		  &__entry->start, &__entry->end, __entry->err)
);

DEFINE_EVENT(pguest_range_err, pguest_unshare,
	TP_PROTO(phys_addr_t start, phys_addr_t end, int err),
	TP_ARGS(start, end, err));

DEFINE_EVENT(pguest_range_err, pguest_mmio_map,
	TP_PROTO(phys_addr_t start, phys_addr_t end, int err),
	TP_ARGS(start, end, err));

DEFINE_EVENT(pguest_range_err, pguest_mmio_unmap,
	TP_PROTO(phys_addr_t start, phys_addr_t end, int err),
	TP_ARGS(start, end, err));

DEFINE_EVENT(pguest_range_err, pguest_relinquish,
	TP_PROTO(phys_addr_t start, phys_addr_t end, int err),
	TP_ARGS(start, end, err));

TRACE_EVENT(pguest_lost,
	TP_PROTO(phys_addr_t start, phys_addr_t end),
	TP_ARGS(start, end),
	TP_STRUCT__entry(
		__field(phys_addr_t, start)
		__field(phys_addr_t, end)
	),
	TP_fast_assign(
		__entry->start = start;
		__entry->end = end;
	),
	TP_printk("%pa-%pa", &__entry->start, &__entry->end)
);

#endif /* _TRACE_PGUEST_H */

#include <trace/define_trace.h>
