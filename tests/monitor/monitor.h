/* SPDX-License-Identifier: GPL-2.0-only */
/* What the monitor's files know of each other, file by file. */
#ifndef MONITOR_H
#define MONITOR_H

#include "base.h"
#include "layout.h"

/* What becomes of the guest after a trap; only apply() in traps.c moves its PC. */
enum verdict {
	RESUME,		/* go where ELR points: HVC has moved it already, a replay has not */
	NEXT,		/* step over the instruction: SMC, sysreg, MMIO, WFI */
	UNDEF,		/* the guest takes an undefined-instruction exception */
	ABORT,		/* the guest takes a synchronous external abort at FAR */
	UNDEF_BEHIND,	/* an undefined instruction, and ELR_EL1 points behind it */
	ABORT_AT_CALL,	/* an external abort at its HVC or SMC, with FAR 0 */
	ABORT_BEHIND,	/* the same, and ELR_EL1 points behind it */
	FAIL,		/* the test failed: say why, report, end */
};

/* The start is known to entry.S. Counters are the CPU's own, summed up by the report. */
struct vcpu {
	u64 x[31];
	u64 elr, spsr;
	u64 esr, far, hpfar;
	u64 mpidr;
	u64 entry, context;	/* where CPU_ON sends it */
	bool on;
	u32 index;
	u64 mmio, sysreg;
	const char *why;	/* of a FAIL */
};

struct cpu_block {
	u8 stack[CPU_BLOCK - VCPU_SIZE];
	union {
		struct vcpu vcpu;
		u8 pad[VCPU_SIZE];
	};
} __attribute__((aligned(16)));

_Static_assert(offsetof(struct vcpu, elr) == VCPU_ELR, "entry.S");
_Static_assert(offsetof(struct vcpu, spsr) == VCPU_SPSR, "entry.S");
_Static_assert(sizeof(struct vcpu) <= VCPU_SIZE, "entry.S");
_Static_assert(sizeof(struct cpu_block) == CPU_BLOCK, "entry.S");

/* entry.S */
void guest_start(struct vcpu *vcpu) __attribute__((noreturn));
void guest_restart(struct vcpu *vcpu) __attribute__((noreturn));	/* FP and SIMD registers stay */
void life_save(u64 registers[LIFE_REGISTERS]);
void life_load(const u64 registers[LIFE_REGISTERS]);
void secondary_entry(void);

/* main.c */
extern struct cpu_block cpu_blocks[NR_CPUS];
extern u32 nr_cpus;
struct vcpu *vcpu_by_mpidr(u64 mpidr);
void lock(void);
void unlock(void);
void *alloc_pages(size_t n);		/* zeroed, NULL when there is no more */

/* The guest's RAM and what was loaded into it: @ram is all of the guest's; @machine_ram is what only the host or we may address. */
extern struct span ram, machine_ram, image, initrd, dtb;

/* mmu.c */
void mmu_init(void);
void mmu_on(void);

/* traps.c, inject.c, sysreg.c */
void trap_from_guest(struct vcpu *vcpu);
void inject_undef(struct vcpu *vcpu);
void inject_abort(struct vcpu *vcpu, u64 far, bool fetch);
void inject_realm_abort(struct vcpu *vcpu);
enum verdict on_sysreg(struct vcpu *vcpu);
void traps_setup(void);

/* options.c: semihosting command line, see README.rst */
enum personality {
	PLAIN	= 1,
	PKVM	= 2,		/* mainline 7.2 */
	ANDROID	= 4,
	REALM	= 8,		/* RSI 1.0 */
};

struct options {
	const char *mode, *report, *psci, *hvc, *smc, *share_answer, *find_text, *refuse_call;
	u64 refuse_with, refuse_from;
	enum personality personality;
	u64 granule, range_max, timeout, restricted_pool, ragged, acpi;
	u64 fail_share, fail_unshare, fail_every;
	u64 delay, uid, pvmfw, premap, dirty_ram, hide_access_platform, allow_bypass;
	struct lie meminfo, features, secret;
	const char *fdt_patch;
	struct lie look;
	u64 show[4], no_id[4];
	struct lie show_cpu;
	const char *rng_seed, *tree;
	u64 efi_seed, efi_reserved, trng, tree_upper, acpi_table, aml, apei;
	struct numbers peek;

	/* the GIC that the host shows */
	const char *lpi_property, *lpi_pending;
	u64 lpis_stuck, gicr_endless, gic_v4, its_flaps;
	struct lie gicr_stride, gicr_size, gicd_size, gicd_typer;

	/* how CPUs are started */
	const char *spin_table;
	u64 psci_cpu_on;

	u64 stale;			/* byte that freed memory is full of */
	struct lie break_queue;		/* its number */

	/* mode=cca */
	const char *rmm;
	u64 ipa_bits, hidden_ram, alignment, poison;
	const char *hash, *version, *cpu_on, *host_call;
	char rpv[65];			/* 64 bytes; the text is padded with zeroes */
	struct span protected_mmio;
	const char *set_when, *set_progress, *set_stall, *set_top, *get_top;
	u64 set_from, reject_set, reject_after, fail_set, destroy_unshare, get_run;
	struct lie destroyed, get_ripas, config_bits, config_hash;
	u64 config_garbage, error_junk;
	/* attestation */
	const char *profile;
	u64 measure, read_junk, incomplete, incomplete_irq, token_chunk, token_size;
	u64 token_last_empty, token_tail, attest_error, envelope;
	struct lie attest_len, attest_bound;

	/* pages that the host supplies */
	u64 pv_time, vmclock, vmgenid;
	u64 steal, st_after, st_revision, st_attributes, st_revision_later;
	const char *st_value, *clock_seq, *clock_when;
	struct lie st_ipa, st_answer2, clock_ipa, vmgenid_ipa;
	struct lie clock_magic, clock_version, clock_size, clock_shift, clock_counter_id, clock_time_type, clock_status;
	u64 clock_ahead, clock_back, clock_truncated, vmgenid_storm;
};

extern struct options opt;
void options_read(void);

static inline bool protected_vm(void)
{
	return opt.personality != PLAIN;
}

static inline bool is_realm(void)
{
	return opt.personality == REALM;
}

/*
 * stage2.c: the page tables are the record of what belongs to whom. In a realm the lower half has RIPAS: RAM is
 * UNMAPPED, OWNED or RELINQUISHED, EMPTY is EMPTY or KEPT, DESTROYED is POISONED; the upper half has SHARED and,
 * once it was, FORMER; OWNED there is a page that the host has mapped without being asked.
 */
enum page_state {
	UNMAPPED,	/* the host's still: donated at first touch */
	OWNED,		/* private to the guest */
	SHARED,		/* the guest's, open to the host and its devices */
	GUARDED,	/* MMIO that the guest has registered (Android) */
	RELINQUISHED,	/* given back: the next touch brings another page */
	POISONED,	/* the host broke in: a touch ends the guest */
	EMPTY,		/* RIPAS of a realm: the page to use is in the other half */
	KEPT,		/* EMPTY, with the guest's page still in its place */
	FORMER,		/* was SHARED: the host has not forgotten what it saw there */
};

void stage2_init(void);
void stage2_cpu_setup(void);
u64 stage2_hcr(void);			/* bits of HCR_EL2 that go with the tables */
enum page_state stage2_state(u64 ipa);
bool stage2_set(u64 ipa, enum page_state state);	/* the granule around @ipa */
void stage2_clear(u64 ipa, enum page_state state);	/* a page; not in force before stage2_flush() */
void stage2_flush(void);
bool stage2_touch(u64 ipa);				/* false when the page is not RAM to give */
bool stage2_host_sees(u64 ipa);

/* rmm.c: how an RMM does what not all do alike (option rmm=). */
struct rmm {
	const char *name;
	const char *shape;		/* of the initial measurement: scripts/verify-report --rmm */
	const char *profile;		/* of tokens, where option profile= names none */
	const char *version;		/* where option version= says nothing */
	u64 sctlr;			/* a CPU starts with it */
	bool takes_any_flags;		/* IPA_STATE_SET: flags are not checked, and 32 bits of the RIPAS count */
	bool empties_all;		/* to EMPTY goes what is DESTROYED or a protected device, too */
	bool keeps_pages;		/* EMPTY to RAM: the page is still there, with what was in it */
	bool maps_upper;		/* the upper half is the host's to map whatever RIPAS says */
	bool zeroes_host_call;		/* X1 to X3 after an error of HOST_CALL */
	bool wide_imm;			/* imm of HOST_CALL has 32 bits */
	bool keeps_registers;		/* MEASUREMENT_READ: X5 to X7 are the caller's where no hash is */
	bool two_hashes;		/* REALM_CONFIG: what is not SHA-256 is SHA-512 */
	bool writes_1_1;		/* REALM_CONFIG: fields of RSI 1.1 are written */
	bool signs_first;		/* CONTINUE: before it looks at the buffer's RIPAS, or at its size */
	bool one_page_token;		/* INIT's bound is 4096 always, and a larger token an error of CONTINUE */
	bool denies_or_not;		/* CPU_ON: the host can deny it, or not, and has no other answer */
	bool masks_mpidr;		/* PSCI: some bits of an MPIDR count, others are ignored */
	bool keeps_last_life;		/* CPU_ON sets PC, X0, PSTATE and SCTLR_EL1, and nothing else */
	bool shows_cpu;			/* ID registers are nearly the CPU's own */
	bool traps_little;		/* not set/way, ACTLR, LOR, nor what is implementation defined */
	bool drops_pan;			/* an injected exception clears PAN where SCTLR_EL1.SPAN is set */
	bool random_instance;		/* claim 256 of a token is random */
};

extern const struct rmm *rmm;
bool rmm_choose(const char *name);

/* realm.c: the two halves. Addresses: IPA of the guest; a page of the upper half is backed by its mirror page. */
#define POISON_WORD	0x0101010101010101UL

enum ripas {
	RIPAS_EMPTY,
	RIPAS_RAM,
	RIPAS_DESTROYED,
	RIPAS_DEV,
};

/* IPA_STATE_SET, and what becomes of it */
struct ripas_request {
	u64 base, top;
	enum ripas to;
	bool destroyed_too;
	u64 host_top;			/* as far as the host goes */
	bool reject, error;
	bool answer_told;
	u64 answer;			/* X1 instead of the truth */
};

void realm_init(void);
u64 realm_half(void);				/* the first address of the upper half, and its bit */
bool is_upper(u64 ipa);
u64 mirror_of(u64 ipa);				/* the physical page behind the upper alias of RAM at @ipa */
void realm_make_empty(u64 base, u64 top);
u64 unmirror(u64 pa);				/* and back; what is no mirror is not changed */
enum ripas ripas_of(u64 ipa);
u64 ripas_change(u64 base, u64 top, enum ripas to, bool destroyed_too);
bool realm_buffer(u64 ipa, u64 size);		/* may the RMM read and write these bytes? */
u64 realm_pa(u64 ipa);				/* of a page of realm_buffer(), which is there after it */
bool realm_destroy(u64 ipa);
void ripas_destroy(u64 ipa);			/* whatever it was */
enum verdict realm_touch(struct vcpu *vcpu, u64 ipa);
bool realm_device(u64 *ipa);			/* is it a device's address? then which */
void realm_report(struct json *j);
void fill_page(u64 pa, u64 word);

/* calls.c, pkvm.c, psci.c */
typedef enum verdict (*call_fn)(struct vcpu *vcpu);
enum verdict on_hvc(struct vcpu *vcpu);
enum verdict on_smc(struct vcpu *vcpu);
enum verdict answer(struct vcpu *vcpu, s64 r0, u64 r1);
enum verdict answer4(struct vcpu *vcpu, u64 r0, u64 r1, u64 r2, u64 r3);
bool call_exists(u32 fid);
u64 calls_total(void);
u64 calls_of(u32 fid);
void calls_report(struct json *j);

enum verdict pkvm_features(struct vcpu *vcpu);
enum verdict pkvm_meminfo(struct vcpu *vcpu);
enum verdict pkvm_share(struct vcpu *vcpu);
enum verdict pkvm_unshare(struct vcpu *vcpu);
enum verdict pkvm_guard_enroll(struct vcpu *vcpu);
enum verdict pkvm_guard_map(struct vcpu *vcpu);
enum verdict pkvm_guard_unmap(struct vcpu *vcpu);
enum verdict pkvm_rguard_map(struct vcpu *vcpu);
enum verdict pkvm_rguard_unmap(struct vcpu *vcpu);
enum verdict pkvm_relinquish(struct vcpu *vcpu);
bool guard_enrolled(void);

enum verdict host_smccc_version(struct vcpu *vcpu);
enum verdict host_smccc_features(struct vcpu *vcpu);
enum verdict host_uid(struct vcpu *vcpu);
enum verdict host_features(struct vcpu *vcpu);
enum verdict realm_smccc_version(struct vcpu *vcpu);
enum verdict realm_psci_features(struct vcpu *vcpu);
enum verdict trng_version(struct vcpu *vcpu);
enum verdict trng_rnd64(struct vcpu *vcpu);
enum verdict psci_version(struct vcpu *vcpu);
enum verdict psci_features(struct vcpu *vcpu);
enum verdict psci_cpu_suspend(struct vcpu *vcpu);
enum verdict psci_cpu_off(struct vcpu *vcpu);
enum verdict psci_cpu_on(struct vcpu *vcpu);
enum verdict psci_affinity_info(struct vcpu *vcpu);
enum verdict psci_migrate_info(struct vcpu *vcpu);
enum verdict psci_system_off(struct vcpu *vcpu);
enum verdict psci_system_off2(struct vcpu *vcpu);
enum verdict psci_system_reset(struct vcpu *vcpu);

/* rsi.c, and lies.c: the host and RMM that options ask for */
enum verdict rsi_version(struct vcpu *vcpu);
enum verdict rsi_features(struct vcpu *vcpu);
enum verdict rsi_realm_config(struct vcpu *vcpu);
enum verdict rsi_ipa_state_set(struct vcpu *vcpu);
enum verdict rsi_ipa_state_get(struct vcpu *vcpu);
enum verdict rsi_host_call(struct vcpu *vcpu);
void lie_about_request(struct vcpu *vcpu, struct ripas_request *request);

/* fdtlies.c: the device tree that options ask for; tables.c: who can write the guest's page tables */
void fdt_lie(void *open_tree);
void fdt_lie_bytes(void *packed);
void tables_at_end(void);
void tables_report(struct json *j);

/* attest.c: measurements and tokens */
void attest_boot(void);				/* the realm is loaded and has not run */
void attest_report(struct json *j);		/* keys of "realm" */
enum verdict rsi_measurement_read(struct vcpu *vcpu);
enum verdict rsi_measurement_extend(struct vcpu *vcpu);
enum verdict rsi_attest_init(struct vcpu *vcpu);
enum verdict rsi_attest_continue(struct vcpu *vcpu);

/* life.c: what a CPU keeps from CPU_OFF to CPU_ON */
void life_ends(const struct vcpu *vcpu);
bool life_goes_on(const struct vcpu *vcpu);	/* false: this is its first */
void life_unknown(struct vcpu *vcpu);

/* mmio.c */
struct mmio {
	u64 ipa;
	u32 log2_size;
	bool write;
	u64 value;
};

enum mmio_result {
	MMIO_PASS,	/* to the device itself */
	MMIO_DONE,	/* the hook has carried it out */
	MMIO_REFUSE,	/* an external abort for the guest */
};

enum verdict on_data_abort(struct vcpu *vcpu);
enum verdict on_fetch_abort(struct vcpu *vcpu);
enum verdict blocked(void);
u64 device_read(u64 address, u32 log2_size);
void device_write(u64 address, u32 log2_size, u64 value);

/* smmu.c */
void smmu_init(void);
void smmu_map(u64 address, u64 pa);
void smmu_unmap(u64 ipa);
void smmu_sync(void);
void smmu_poll(void);
void smmu_report(struct json *j);

/* gic.c: what the host says of it; true when a read has its answer */
bool gicr_lies(struct mmio *m, u32 cpu, u64 offset);
bool gits_lies(struct mmio *m, u64 offset);
enum mmio_result gicd_access(struct vcpu *vcpu, struct mmio *m);
void gic_describe(void *tree);
void gic_report(struct json *j);
u64 place(const char *word);		/* of something that the guest has in its memory, or any address */

/* its.c, virtio.c */
enum mmio_result its_access(struct vcpu *vcpu, struct mmio *m);
enum mmio_result redist_access(struct vcpu *vcpu, struct mmio *m);
u64 its_reg(u64 offset);			/* as the guest reads it */
void its_unshared(u64 ipa, u64 size);
void its_report(struct json *j);
void virtio_check(void);
enum mmio_result pci_window_access(struct vcpu *vcpu, struct mmio *m);

/* host.c, doorbell.c: the attacker, and the device through which a test drives it */
int host_peek(u64 ipa, u64 *value);
int host_poke(u64 ipa);
void host_notified(void);		/* a driver has something for its device */
void host_break_ring(u64 used, u32 size);
int host_steal(u64 ipa);
u64 host_scan(u64 pattern);
u64 host_random(void);
void host_at_end(void);
void host_report(struct json *j);
enum mmio_result doorbell_access(struct vcpu *vcpu, struct mmio *m);

/* fdt.c */
void fdt_read(u64 address);
void fdt_place(void);
void fdt_write_guest(void);
void fdt_lift(void);
void fdt_report(struct json *j);
void fdt_add_device(const char *name, const char *compatible, u64 address, u64 size, u32 spi);
bool fdt_has_hole(u64 ipa);
struct span fdt_forgotten(void);		/* RAM whose RIPAS nobody has initialised */
void fdt_make_stub(u64 system_table, u64 map, u32 size, u32 each);
u64 fdt_device_address(u64 ipa);		/* the machine's, of what the guest's tree has elsewhere */

/* acpi.c */
void acpi_write(void);

/* hostpages.c, pvtime.c, vmclock.c: see hostpages.h */
void host_pages_init(void);
bool host_page_has(u64 ipa);
u64 host_page_pa(u64 ipa);
void host_page_shared(u64 ipa);
void host_page_unshared(u64 ipa);
enum verdict host_page_touch(u64 ipa);
u64 host_pages_scan(u64 pattern);
void host_pages_tick(struct vcpu *vcpu);
void host_pages_report(struct json *j);
void pvtime_slept(struct vcpu *vcpu);
enum verdict pv_time_features(struct vcpu *vcpu);
enum verdict pv_time_st(struct vcpu *vcpu);
u64 vmclock_disrupt(u64 how);

/* pmu.c: instructions retired, with QEMU's -icount alone */
void pmu_setup(void);
u64 pmu_instructions(void);
u64 pmu_guest_instructions(void);

/* report.c */
struct counters {
	u64 shared, shared_peak;
	u64 blocked_dma, blocked_mmio, blocked_its, host_read;
	u64 first_touch, guarded, relinquished, secrets, text;
	u64 odd_calls;			/* option psci_cpu_on= */
	u64 descriptors, headers, stale_descriptors, stale_headers;	/* option stale= */
	u64 broken;			/* option break_queue= */
	u64 set_empty, set_ram;		/* calls */
	u64 strayed;			/* upper pages that were touched though RIPAS is not EMPTY */
	u64 its_poisoned;		/* tables that still had the host's poison in them when they came into use */
};

extern struct counters count;
u64 count_mmio(void);
u64 count_sysreg(void);
void report_phase(u64 id);
void report_failure(const char *text);
void last_words(u64 number, const u64 *registers, u32 n);
void finish(const char *exit) __attribute__((noreturn));
void deadline_check(void);
void deadline_set(void);

#endif
