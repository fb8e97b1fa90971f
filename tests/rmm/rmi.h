/* SPDX-License-Identifier: GPL-2.0-only */
/* The Realm Management Interface, and what of it is not the same in each version. */
#ifndef RMM_RMI_H
#define RMM_RMI_H

#include "vcpu.h"

/* smc.S */
struct smc {
	u64 x[8];
};

void smc_call(struct smc *s);

enum ripas { RIPAS_EMPTY, RIPAS_RAM, RIPAS_DESTROYED };

/* What of the realm and of the RMM the calls need. PAs of granules */
extern struct realm {
	u64 rd;
	u64 features;		/* register 0 */
	u64 breakpoints, watchpoints, sve_vl;
	u64 flags;
	s32 start_level;
	u32 start_tables;
	bool running;
} realm;

struct rmi_version {
	const char *name;	/* as scripts/verify-report knows it */
	u16 vmid;		/* the host's choice, or 0: the RMM's */
	bool lrs_in_page;	/* list registers are in the page of REC_ENTER, and not the CPU's */
	u64 (*activate)(void);
	u64 (*delegate)(u64 pa);
	u64 (*undelegate)(u64 pa);
	u64 (*load)(u64 pa, u64 ipa, u64 source, bool measure);
	/* Ranges: @done is how far it got, also on error */
	u64 (*map)(u64 pa, u64 base, u64 top, u64 *done);
	u64 (*unmap)(u64 base, u64 top, u64 *done);
	u64 (*map_shared)(u64 base, u64 top, u64 *done);
	u64 (*unmap_shared)(u64 base, u64 top, u64 *done);
	u64 (*rec_create)(u64 rec, u64 parameters);
	u64 (*psci_complete)(u64 caller, u64 target, s64 status);
};

/* rmi1.c, rmi2.c; rmm.c finds out which of them is @rmi */
extern const struct rmi_version rmi_1, rmi_2;
extern const struct rmi_version *rmi;
void rmm_init(void);

#define RMI_SUCCESS		0
#define RMI_ERROR_REALM		2
#define RMI_ERROR_REC		3
#define RMI_ERROR_RTT		4
#define RMI_INCOMPLETE		13
#define RMI_STATUS(x)		((x) & 0xff)
#define RMI_INDEX(x)		((x) >> 8 & 0xff)

/* rmi.c */
u64 rmi_call(struct smc *s);		/* X0 */
void rmi_must(u64 status, const char *what);
u64 rmi_realm_create(u64 parameters);
u64 rmi_realm_activate(void);
u64 rmi_table_create(u64 table, u64 ipa, s32 level);
u64 rmi_init_ripas(u64 base, u64 top, u64 *done);
u64 rmi_set_ripas(struct vcpu *vcpu, u64 base, u64 top, u64 *done);
enum ripas rmi_ripas(u64 ipa);
u64 rmi_enter(struct vcpu *vcpu);

#endif
