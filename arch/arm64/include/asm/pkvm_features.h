/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a pKVM protected VM is shown of its CPU.
 */
#ifndef __ASM_PKVM_FEATURES_H
#define __ASM_PKVM_FEATURES_H

#include <linux/types.h>

struct seq_file;

/* The ID registers: op0 3, op1 0, CRn 0, CRm 1 to 7, op2 0 to 7 */
#define PKVM_ID(crm, op2)	(((crm) - 1) * 8 + (op2))
#define PKVM_ID_REGS		PKVM_ID(8, 0)

/* Of a field in the table: any value is fine */
#define PKVM_ANY		15

/**
 * struct pkvm_field - how much of a feature a protected VM is shown at most
 * @reg:	its register, PKVM_ID()
 * @shift:	the first of its four bits
 * @is_signed:	0xf is -1, and says that the feature is not there; less than that
 *		is never shown
 * @max:	by mainline
 * @android:	by the series of 2021, which Android has
 * @name:	in the architecture
 */
struct pkvm_field {
	u8 reg;
	u8 shift;
	bool is_signed;
	s8 max;
	s8 android;
	const char *name;
};

/**
 * struct pkvm_excess - a search for fields that show more than pKVM does
 * @regs:	all ID registers. The caller's, as is @android
 * @android:	the table for Android's interface, else for mainline's
 * @next:	four bits to look at next, zero at first
 * @row:	of the table, to look at next, zero at first
 * @reg:	found: the register
 * @shift:	found: the first of the four bits
 * @name:	found: the field's name, NULL if the table has none
 * @value:	found: what it shows
 * @max:	found: what it may show
 */
struct pkvm_excess {
	const u64 *regs;
	bool android;
	unsigned int next;
	unsigned int row;

	unsigned int reg;
	unsigned int shift;
	const char *name;
	int value;
	int max;
};

bool pkvm_next_excess(struct pkvm_excess *e);
void pkvm_id_name(unsigned int reg, char *name, size_t size);
void pkvm_excess_name(const struct pkvm_excess *e, char *name, size_t size);

/* Room for the longest register's name, a dot, the longest field's */
#define PKVM_NAME_SIZE		36

extern const struct pkvm_field pkvm_fields[];
extern const unsigned int pkvm_nr_fields;

/* Reads all ID registers of this CPU; one that is undefined is 0. */
void __pkvm_read_id_regs(u64 *regs);
extern const char __pkvm_id_insns[], __pkvm_id_end[];

const char *pkvm_audit(bool android);
void pkvm_show_features(struct seq_file *m);

#endif /* __ASM_PKVM_FEATURES_H */
