/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page in which a host keeps a clock for its guests ("vmclock"), for trees
 * before 6.13.
 *
 * The interface is that of the tree's header of this name. Our include
 * directory comes after the tree's, so the tree's is taken where there is one,
 * unless it has no generation counter yet (compat/features.mk).
 */
#ifndef __VMCLOCK_ABI_H__
#define __VMCLOCK_ABI_H__

#include <linux/bits.h>
#include <linux/types.h>

#define VMCLOCK_MAGIC				0x4b4c4356	/* "VCLK" */

/* vmclock_abi.counter_id */
#define VMCLOCK_COUNTER_ARM_VCNT		0
#define VMCLOCK_COUNTER_X86_TSC			1
#define VMCLOCK_COUNTER_INVALID			0xff

/* vmclock_abi.time_type */
#define VMCLOCK_TIME_UTC			0
#define VMCLOCK_TIME_TAI			1
#define VMCLOCK_TIME_MONOTONIC			2
#define VMCLOCK_TIME_INVALID_SMEARED		3
#define VMCLOCK_TIME_INVALID_MAYBE_SMEARED	4

/* vmclock_abi.flags: optional fields that are valid, and events that are announced */
#define VMCLOCK_FLAG_TAI_OFFSET_VALID		BIT_ULL(0)
#define VMCLOCK_FLAG_DISRUPTION_SOON		BIT_ULL(1)
#define VMCLOCK_FLAG_DISRUPTION_IMMINENT	BIT_ULL(2)
#define VMCLOCK_FLAG_PERIOD_ESTERROR_VALID	BIT_ULL(3)
#define VMCLOCK_FLAG_PERIOD_MAXERROR_VALID	BIT_ULL(4)
#define VMCLOCK_FLAG_TIME_ESTERROR_VALID	BIT_ULL(5)
#define VMCLOCK_FLAG_TIME_MAXERROR_VALID	BIT_ULL(6)
#define VMCLOCK_FLAG_TIME_MONOTONIC		BIT_ULL(7)
#define VMCLOCK_FLAG_VM_GEN_COUNTER_PRESENT	BIT_ULL(8)
#define VMCLOCK_FLAG_NOTIFICATION_PRESENT	BIT_ULL(9)

/* vmclock_abi.clock_status */
#define VMCLOCK_STATUS_UNKNOWN			0
#define VMCLOCK_STATUS_INITIALIZING		1
#define VMCLOCK_STATUS_SYNCHRONIZED		2
#define VMCLOCK_STATUS_FREERUNNING		3
#define VMCLOCK_STATUS_UNRELIABLE		4

/**
 * struct vmclock_abi - the page
 * @magic:	VMCLOCK_MAGIC
 * @size:	bytes of the page, with fields of later versions
 * @version:	1
 * @counter_id:	the counter to which @counter_value and the periods apply
 * @time_type:	time scale of @time_sec
 * @seq_count:	odd while the host writes; it changes with each update
 * @disruption_marker: changes when the clock may have been interrupted
 * @flags:	VMCLOCK_FLAG_*
 * @pad:	reserved
 * @clock_status: how good the host's own clock is
 * @leap_second_smearing_hint: how the host would smear a leap second
 * @tai_offset_sec: TAI minus UTC
 * @leap_indicator: a leap second that comes or was
 * @counter_period_shift: periods are in units of 2^-(64 + this) seconds
 * @counter_value: the counter at the time that follows
 * @counter_period_frac_sec: time between two ticks of the counter
 * @counter_period_esterror_rate_frac_sec: its likely error
 * @counter_period_maxerror_rate_frac_sec: its largest error
 * @time_sec:	the time at @counter_value: seconds
 * @time_frac_sec: and their fraction, in units of 2^-64
 * @time_esterror_nanosec: its likely error
 * @time_maxerror_nanosec: its largest error
 * @vm_generation_counter: another one when the VM was cloned or set back
 *
 * Numbers are little endian.
 */
struct vmclock_abi {
	__le32 magic;
	__le32 size;
	__le16 version;
	__u8 counter_id;
	__u8 time_type;
	__le32 seq_count;
	__le64 disruption_marker;
	__le64 flags;
	__u8 pad[2];
	__u8 clock_status;
	__u8 leap_second_smearing_hint;
	__le16 tai_offset_sec;
	__u8 leap_indicator;
	__u8 counter_period_shift;
	__le64 counter_value;
	__le64 counter_period_frac_sec;
	__le64 counter_period_esterror_rate_frac_sec;
	__le64 counter_period_maxerror_rate_frac_sec;
	__le64 time_sec;
	__le64 time_frac_sec;
	__le64 time_esterror_nanosec;
	__le64 time_maxerror_nanosec;
	__le64 vm_generation_counter;
};

#endif /* __VMCLOCK_ABI_H__ */
