/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CPU features that pKVM shows to a protected VM.
 */
#ifndef __ASM_PKVM_FEATURES_H
#define __ASM_PKVM_FEATURES_H

#include <linux/types.h>

struct seq_file;

/* The ID registers: op0 3, op1 0, CRn 0, CRm 1 to 7, op2 0 to 7 */
#define PKVM_ID(crm, op2)	(((crm) - 1) * 8 + (op2))
#define PKVM_ID_REGS		PKVM_ID(8, 0)

/* In the table: a field may have any value */
#define PKVM_ANY		15

/**
 * struct pkvm_field - the largest value of an ID register field in a protected VM
 * @reg:	its register, PKVM_ID()
 * @shift:	the lowest of its four bits
 * @is_signed:	0xf is -1, which means that there is no such feature
 * @max:	maximum under pKVM of mainline
 * @android:	maximum under the series of 2021, which Android has
 * @name:	its name in the architecture
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
 * struct pkvm_excess - a search for fields above their maximum
 * @regs:	all ID registers; set by the caller
 * @android:	use Android's maxima and not mainline's; set by the caller
 * @next:	the next four bits, zero at first
 * @row:	the next row of the table, zero at first
 * @reg:	found: the register
 * @shift:	found: the lowest of the four bits
 * @name:	found: the field's name, NULL if the table has none
 * @value:	found: its value
 * @max:	found: its maximum
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

/* Size of the longest name: register, dot, field */
#define PKVM_NAME_SIZE		36

extern const struct pkvm_field pkvm_fields[];
extern const unsigned int pkvm_nr_fields;

/* Reads all ID registers of this CPU; an undefined one reads as 0. */
void __pkvm_read_id_regs(u64 *regs);
extern const char __pkvm_id_insns[], __pkvm_id_end[];

const char *pkvm_audit(bool android);
void pkvm_show_features(struct seq_file *m);

#endif /* __ASM_PKVM_FEATURES_H */
