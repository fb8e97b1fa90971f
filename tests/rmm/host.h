/* SPDX-License-Identifier: GPL-2.0-only */
/* What the host's files know of each other, file by file. */
#ifndef RMM_HOST_H
#define RMM_HOST_H

#include "base.h"
#include "end.h"
#include "place.h"

/* entry.S */
struct smc {
	u64 x[8];
};

void smc_call(struct smc *s);
void secondary_entry(void);

/* An interrupt as the guest's GIC has it */
struct virq {
	u32 intid;
	bool enabled, active, edge;
	bool pending;		/* an edge, or what the guest has written to ISPENDR */
	bool line;		/* a level, and that is high */
	bool forwarded;		/* active in the machine's GIC until the guest has ended it */
	u8 priority;
	u8 route;		/* vCPU, of an SPI */
	struct vcpu *in_lr;	/* whose list registers have it */
};

#define PRIVATE_IRQS	32
#define MAX_LRS		16

/* Each vCPU has a CPU of the machine's to itself, with the same number. */
struct vcpu {
	u32 index;
	bool on, asked_on;
	bool idle;		/* WFI, CPU_SUSPEND: not before something is pending */
	u64 rec;		/* its granule */
	u8 *run;		/* page that REC_ENTER reads and writes */
	u64 enter_flags;	/* of the next entry */
	struct virq irqs[PRIVATE_IRQS];
	struct virq *lr[MAX_LRS];
	u64 entries, mmio;
	u64 cntv_ctl, cntv_cval, cntp_ctl, cntp_cval;	/* at the last exit */
};

struct cpu_block {
	u8 stack[CPU_BLOCK - VCPU_BLOCK];
	union {
		struct vcpu vcpu;
		u8 pad[VCPU_BLOCK];
	};
} __attribute__((aligned(16)));

_Static_assert(sizeof(struct vcpu) <= VCPU_BLOCK, "entry.S");
_Static_assert(sizeof(struct cpu_block) == CPU_BLOCK, "entry.S");

/* main.c */
extern struct cpu_block cpu_blocks[NR_CPUS];
struct vcpu *vcpu_by_mpidr(u64 mpidr);
void *must_alloc(size_t n);		/* pages of the host's own, zeroed */

static inline struct vcpu *vcpu_of(u32 index)
{
	return &cpu_blocks[index].vcpu;
}

/* mmu.c */
void mmu_init(void);
void mmu_map(u64 start, u64 end);	/* cached memory at its own address, in whole GiB */
void mmu_on(void);

/* options.c: see README.rst */
struct options {
	const char *report, *tree, *image, *initrd, *append;
	u64 cpus, ram_mib, timeout;
	u64 ipa_bits, sve, measure, poison, alignment, around, queue;
	const char *hash;
	char rpv[65];
	struct lie secret;
	struct numbers peek;

	const char *set_when, *set_progress, *set_stall, *host_call, *cpu_on;
	u64 set_from, reject_set, reject_after, fail_every, abort_mmio;
};

extern struct options opt;
void options_read(void);

/* rmi.c: the calls, and what of them is not the same in each version */
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

extern const struct rmi_version *rmi;
extern const struct rmi_version rmi_1, rmi_2;

#define RMI_SUCCESS		0
#define RMI_ERROR_REALM		2
#define RMI_ERROR_REC		3
#define RMI_ERROR_RTT		4
#define RMI_INCOMPLETE		13
#define RMI_STATUS(x)		((x) & 0xff)
#define RMI_INDEX(x)		((x) >> 8 & 0xff)

u64 rmi_call(struct smc *s);		/* X0 */
void rmi_must(u64 status, const char *what);
void rmi_init(void);
u64 rmi_realm_create(u64 parameters);
u64 rmi_realm_activate(void);
u64 rmi_table_create(u64 table, u64 ipa, s32 level);
u64 rmi_init_ripas(u64 base, u64 top, u64 *done);
u64 rmi_set_ripas(struct vcpu *vcpu, u64 base, u64 top, u64 *done);
enum ripas rmi_ripas(u64 ipa);
u64 rmi_enter(struct vcpu *vcpu);

/* realm.c */
extern struct span ram, image, initrd, dtb;
void realm_build(void);
void realm_report(struct json *j);

static inline u64 realm_half(void)
{
	return BIT(opt.ipa_bits - 1);
}

/* memory.c: a page of RAM has a granule behind it while its RIPAS is RAM, and while it is EMPTY its upper address */
void memory_init(void);
u64 granules_new(u64 count);		/* delegated, in a row and aligned to their number */
void memory_load(u64 ipa, const void *content, u64 size, bool measure);
bool memory_is_shared(u64 ipa);
u64 memory_granule(u64 ipa);		/* 0: none */
void *memory_seen(u64 ipa);		/* the page at the upper address, if it is or was EMPTY */
bool memory_touch(u64 ipa);		/* false: there is nothing to give */
bool memory_touch_upper(u64 ipa);
bool memory_steal(u64 ipa);
void memory_open(u64 base, u64 top);
void memory_close(u64 base, u64 top);
bool table_made(u64 status, u64 ipa);	/* was a table missing? then it is there now */

/* ripas.c */
void ripas_request(struct vcpu *vcpu);

/* vcpu.c: the run loop */
void vcpu_run(struct vcpu *vcpu) __attribute__((noreturn));
u64 exit_field(const struct vcpu *vcpu, u32 offset);
void enter_gpr(struct vcpu *vcpu, u32 n, u64 value);

#define ENTER_GICV3_HCR		0x300
#define ENTER_GICV3_LRS		0x308

#define ENTER_MMIO_DONE		BIT(0)
#define ENTER_ABORT		BIT(1)
#define ENTER_TRAP_WFI		BIT(2)
#define ENTER_REJECT		BIT(4)

#define EXIT_REASON		0x000
#define EXIT_ESR		0x100
#define EXIT_FAR		0x108
#define EXIT_HPFAR		0x110
#define EXIT_GPRS		0x200
#define EXIT_GICV3_LRS		0x308
#define EXIT_CNTP_CTL		0x400
#define EXIT_CNTP_CVAL		0x408
#define EXIT_CNTV_CTL		0x410
#define EXIT_CNTV_CVAL		0x418
#define EXIT_RIPAS_BASE		0x500
#define EXIT_RIPAS_TOP		0x508
#define EXIT_RIPAS_VALUE	0x510
#define EXIT_IMM		0x600

/* mmio.c */
void on_abort(struct vcpu *vcpu, u64 esr);

/* gic.c: the machine's; vgic.c: the guest's; vgic-mmio.c: its registers */
#define SPIS		64
#define IRQS		(PRIVATE_IRQS + SPIS)
#define TIMER_PPI	27
#define PTIMER_PPI	30

void gic_init(void);
void gic_cpu_init(void);
void gic_forward(const struct virq *irq);	/* enabled or not, and to whom */
void gic_end(const struct virq *irq);
void gic_kick(const struct vcpu *vcpu);
void gic_take(struct vcpu *vcpu);		/* all that is pending on this CPU */
void gic_limit_run(void);
void gic_wait(struct vcpu *vcpu);		/* for anything, or for a timer of the guest's */

void vgic_init(void);
struct virq *vgic_irq(struct vcpu *vcpu, u32 intid);	/* NULL: no such */
void vgic_enter(struct vcpu *vcpu);
void vgic_leave(struct vcpu *vcpu, bool entered);
bool vgic_pending(struct vcpu *vcpu);
void vgic_raise(struct vcpu *by, u32 intid);
void vgic_sgi(struct vcpu *from, u64 value);
void vgic_distributor(struct vcpu *vcpu, struct mmio *m);
void vgic_redistributor(struct vcpu *vcpu, struct mmio *m);
bool vgic_enabled(void);
void vgic_set_enabled(bool on);

/* psci.c, hostcall.c, doorbell.c */
void psci_exit(struct vcpu *vcpu);
void host_call(struct vcpu *vcpu);
void doorbell(struct vcpu *vcpu, struct mmio *m);

/* attack.c: the host as the attacker that it may be */
int host_peek(u64 ipa, u64 *value);
int host_poke(u64 ipa);
u64 host_scan(u64 pattern);
bool granule_refused(u64 pa);		/* a load from there is a granule protection fault */
void attack_at_end(void);
void attack_report(struct json *j);
u64 el2_fault(void);

/* fdt.c */
const void *fdt_write(void);

/* report.c */
enum exit_kind {
	EXIT_ABORT, EXIT_SYSREG, EXIT_WFX, EXIT_IRQ, EXIT_FIQ, EXIT_PSCI, EXIT_RIPAS, EXIT_HOST_CALL, EXIT_SERROR,
	EXIT_OTHER, EXIT_KINDS
};

extern struct counters {
	u64 exits[EXIT_KINDS];
	u64 rmi_calls, granules, tables;
	u64 shared, shared_peak;
	u64 blocked_mmio, host_read, host_read_got;
	u64 first_touch, secrets;
	u64 set_empty, set_ram, set_rejected, host_calls;
	u64 psci_on, psci_off, psci_affinity, psci_suspend, psci_system, psci_denied;
	u64 sgis;
} count;

u64 count_mmio(void);
void report_init(void);
void report_start(void);
void report_phase(u64 id);
void report_poll(void);			/* a look at the counters, if it is time for one */

#endif
