// SPDX-License-Identifier: GPL-2.0-only
/*
 * The audit of the ID registers: do the CPUs have the features that pKVM shows to a
 * protected VM?
 *
 * The boot CPU is audited at boot, each other CPU when it comes online. The first
 * difference is logged, and debugfs has all of them.
 */
#define pr_fmt(fmt) "pguest: " fmt

#include <linux/bitops.h>
#include <linux/cpuhotplug.h>
#include <linux/init.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/seq_file.h>
#include <linux/smp.h>

#include <asm/pguest.h>
#include <asm/pkvm_features.h>

static u64 boot_regs[PKVM_ID_REGS] __ro_after_init;
static bool is_android __ro_after_init;
static unsigned long warned;

/**
 * struct pkvm_cpu - result of a CPU when it last came online
 * @checked:	its registers have been read
 * @differs:	number of registers that differ from those of the boot CPU
 * @reg:	the first of them
 * @value:	its value
 */
struct pkvm_cpu {
	bool checked;
	unsigned int differs;
	unsigned int reg;
	u64 value;
};

static DEFINE_PER_CPU(struct pkvm_cpu, cpus);

static unsigned int __init count_excess(struct pkvm_excess *first)
{
	struct pkvm_excess e = { .regs = boot_regs, .android = is_android };
	unsigned int n;

	for (n = 0; pkvm_next_excess(&e); n++)
		if (!n)
			*first = e;
	return n;
}

/**
 * pkvm_audit() - audit the ID registers of the boot CPU
 * @android: the hypervisor has Android's interface
 *
 * The result proves nothing, because a host can emulate the same registers for an
 * unprotected VM. Nothing depends on it.
 *
 * Context: setup_arch(), on the boot CPU.
 * Return: the result, for the boot log.
 */
const char * __init pkvm_audit(bool android)
{
	char name[PKVM_NAME_SIZE], more[24] = "";
	struct pkvm_excess first;
	unsigned int n;

	is_android = android;
	__pkvm_read_id_regs(boot_regs);
	n = count_excess(&first);
	if (!n)
		return "features as pKVM shows them";

	set_bit(0, &warned);
	pkvm_excess_name(&first, name, sizeof(name));
	if (n > 1)
		scnprintf(more, sizeof(more), ", and %u more", n - 1);
	pr_warn("features that pKVM does not show: %s is %d, %d at most%s\n",
		name, first.value, first.max, more);
	return "features that pKVM does not show";
}

static void compare_cpu(struct pkvm_cpu *cpu, const u64 *regs)
{
	unsigned int reg;

	*cpu = (struct pkvm_cpu) { .checked = true };
	for (reg = PKVM_ID_REGS; reg-- > 0;) {
		if (regs[reg] == boot_regs[reg])
			continue;
		cpu->differs++;
		cpu->reg = reg;
		cpu->value = regs[reg];
	}
}

static int cpu_comes_up(unsigned int nr)
{
	struct pkvm_cpu *cpu = per_cpu_ptr(&cpus, nr);
	char name[PKVM_NAME_SIZE];
	u64 regs[PKVM_ID_REGS];

	__pkvm_read_id_regs(regs);
	compare_cpu(cpu, regs);
	if (!cpu->differs || test_and_set_bit(0, &warned))
		return 0;
	pkvm_id_name(cpu->reg, name, sizeof(name));
	pr_warn("CPU%u shows other features than the boot CPU: %s is %#llx and not %#llx\n",
		nr, name, cpu->value, boot_regs[cpu->reg]);
	return 0;
}

static int __init audit_cpus(void)
{
	int state;

	if (!pguest_active() || !pguest_backend->ops->show_features)
		return 0;
	state = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "pguest:features",
				  cpu_comes_up, NULL);
	return min(state, 0);
}
device_initcall(audit_cpus);

static void show_cpus(struct seq_file *m)
{
	unsigned int nr, checked = 0, differ = 0;

	for_each_possible_cpu(nr) {
		const struct pkvm_cpu *cpu = per_cpu_ptr(&cpus, nr);

		checked += cpu->checked;
		differ += cpu->differs != 0;
	}
	seq_printf(m, "cpus: %u\n", checked);
	seq_printf(m, "cpus_differ: %u\n", differ);
}

static void show_differences(struct seq_file *m)
{
	char name[PKVM_NAME_SIZE];
	unsigned int nr;

	for_each_possible_cpu(nr) {
		const struct pkvm_cpu *cpu = per_cpu_ptr(&cpus, nr);

		if (!cpu->differs)
			continue;
		pkvm_id_name(cpu->reg, name, sizeof(name));
		seq_printf(m, "differs %u %u %s %#llx %#llx\n", nr, cpu->differs,
			   name, cpu->value, boot_regs[cpu->reg]);
	}
}

/**
 * pkvm_show_features() - print the result of the audit, and all ID registers
 * @m: a file in debugfs
 *
 * Context: Process.
 */
void pkvm_show_features(struct seq_file *m)
{
	struct pkvm_excess e = { .regs = boot_regs, .android = is_android };
	char name[PKVM_NAME_SIZE];
	unsigned int reg, n = 0;

	while (pkvm_next_excess(&e))
		n++;
	seq_printf(m, "table: %s\n", is_android ? "android" : "mainline");
	seq_printf(m, "beyond: %u\n", n);
	show_cpus(m);

	e = (struct pkvm_excess) { .regs = boot_regs, .android = is_android };
	while (pkvm_next_excess(&e)) {
		pkvm_excess_name(&e, name, sizeof(name));
		seq_printf(m, "beyond %s %d %d\n", name, e.value, e.max);
	}
	show_differences(m);
	for (reg = 0; reg < PKVM_ID_REGS; reg++) {
		pkvm_id_name(reg, name, sizeof(name));
		seq_printf(m, "reg %s %#018llx\n", name, boot_regs[reg]);
	}
}
