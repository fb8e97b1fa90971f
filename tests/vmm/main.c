// SPDX-License-Identifier: GPL-2.0-only
/*
 * A small VMM for tests: it starts a protected VM on a pKVM host, which nothing
 * packaged can do yet. README.rst has the options.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "doorbell.h"
#include "vcpu.h"
#include "virtio.h"
#include "vmm.h"

enum {
	PROTECTED = 256, CPUS, RAM, KERNEL, INITRD, APPEND, DISK, NET, RNG, CONSOLE, BALLOON,
	NO_ACCESS_PLATFORM, NO_ITS, NO_SCAN, STEAL, VMCLOCK, PCI, PIN, ASK, STOP, RESTART, RESTRICTED_POOL, REPORT,
	ATTACK, SECRET, DEADLINE, HANDOVER,
};

static const struct option words[] = {
	{ "protected", no_argument, NULL, PROTECTED },
	{ "cpus", required_argument, NULL, CPUS },
	{ "ram", required_argument, NULL, RAM },
	{ "kernel", required_argument, NULL, KERNEL },
	{ "initrd", required_argument, NULL, INITRD },
	{ "append", required_argument, NULL, APPEND },
	{ "disk", required_argument, NULL, DISK },
	{ "net", required_argument, NULL, NET },
	{ "rng", no_argument, NULL, RNG },
	{ "console", required_argument, NULL, CONSOLE },
	{ "balloon", required_argument, NULL, BALLOON },
	{ "no-access-platform", no_argument, NULL, NO_ACCESS_PLATFORM },
	{ "no-its", no_argument, NULL, NO_ITS },
	{ "no-scan", no_argument, NULL, NO_SCAN },
	{ "steal", no_argument, NULL, STEAL },
	{ "vmclock", no_argument, NULL, VMCLOCK },
	{ "pci", no_argument, NULL, PCI },
	{ "pin", no_argument, NULL, PIN },
	{ "stop-at-private", no_argument, NULL, STOP },
	{ "ask", no_argument, NULL, ASK },
	{ "restart", required_argument, NULL, RESTART },
	{ "restricted-pool", required_argument, NULL, RESTRICTED_POOL },
	{ "report", required_argument, NULL, REPORT },
	{ "attack", required_argument, NULL, ATTACK },
	{ "secret", required_argument, NULL, SECRET },
	{ "deadline", required_argument, NULL, DEADLINE },
	{ "handover", required_argument, NULL, HANDOVER },
	{ 0 },
};

/* Devices are added in the order of the command line: the first disk is vda. An attack is the next one's. */
static void add_device(int word)
{
	switch (word) {
	case ATTACK:	attack_choose(optarg); break;
	case DISK:	blk_add(optarg); break;
	case NET:	net_add(optarg); break;
	case RNG:	rng_add(); break;
	case CONSOLE:	console_add(optarg); break;
	case BALLOON:	balloon_add(optarg); break;
	}
}

static void take_option(int word)
{
	switch (word) {
	case PROTECTED:		opt.protected = true; break;
	case CPUS:		opt.cpus = atoi(optarg); break;
	case RAM:		opt.ram = strtoul(optarg, NULL, 0) * MIB; break;
	case KERNEL:		opt.image = optarg; break;
	case INITRD:		opt.initrd = optarg; break;
	case APPEND:		opt.append = optarg; break;
	case NO_ACCESS_PLATFORM: opt.access_platform = false; break;
	case NO_ITS:		opt.its = false; break;
	case NO_SCAN:		opt.scan = false; break;
	case STEAL:		opt.steal = true; break;
	case VMCLOCK:		opt.clock = true; break;
	case PCI:		opt.pci = true; break;
	case PIN:		opt.pin = true; break;
	case STOP:		opt.stop_at_private = true; break;
	case ASK:		opt.ask = true; break;
	case RESTART:		opt.restarts = atoi(optarg); break;
	case RESTRICTED_POOL:	opt.restricted_pool = strtoul(optarg, NULL, 0) * MIB; break;
	case REPORT:		opt.report = optarg; break;
	case DEADLINE:		opt.deadline = atoi(optarg); break;
	case HANDOVER:		opt.handover = optarg; break;
	case SECRET:		opt.secret = strtoul(optarg, NULL, 0); break;
	case '?':		exit(2);
	}
}

static void read_options(int argc, char **argv)
{
	int word;

	while ((word = getopt_long(argc, argv, "", words, NULL)) != -1)
		take_option(word);
	if (opt.ask)
		return;
	if (!opt.image || opt.cpus < 1 || opt.cpus > MAX_CPUS || opt.ram < 32 * MIB)
		die("needed: --kernel, 1 to %d --cpus, 32 MiB of --ram or more", MAX_CPUS);
	virtio_use(opt.pci ? &virtio_pci : &virtio_mmio);
	/* Once more, now that all is known that a device depends on. */
	optind = 1;
	while ((word = getopt_long(argc, argv, "", words, NULL)) != -1)
		add_device(word);
}

/* One machine from power on to its end; nothing of it is left. */
static const char *run_machine(void)
{
	struct loaded where;
	const char *exit;

	vm_create();
	vcpus_create();
	gic_create();
	gic_init();
	if (opt.steal)
		vcpus_offer_steal();
	if (opt.clock)
		clock_start();
	where = load();
	fdt_write(&where);
	virtio_start();
	vcpus_start(where.entry, where.fdt);
	exit = vcpus_wait();

	virtio_stop();
	if (opt.clock)
		clock_stop();
	report_counters();
	report_phase(DOORBELL_PHASE_END);
	vcpus_destroy();
	gic_destroy();
	vm_destroy();
	memory_forget();
	report_boot();
	return exit;
}

static void put_devices(FILE *file)
{
	struct device *device;

	fputs("\"devices\":{", file);
	for (unsigned int i = 0; (device = virtio_device(i)); i++)
		fprintf(file, "%s\"%u-%s\":{\"requests\":%lu,\"bytes\":%lu,\"attacks\":%lu}", i ? "," : "", i,
			device->ops->name, device->requests, device->bytes, device->attacks);
	fputs("},", file);
}

int main(int argc, char **argv)
{
	const char *exit;

	read_options(argc, argv);
	memory_catch_faults();
	if (opt.ask) {
		ask();
		return 0;
	}
	report_start();
	say("%s guest, %u CPUs, %lu MiB", opt.protected ? "protected" : "plain", opt.cpus, opt.ram / MIB);
	/* Pages of a protected VM are the guest's to its end, so a reset is another VM. */
	while (!strcmp(exit = run_machine(), "reset") && opt.restarts--)
		say("reset");
	report_write(exit, put_devices);
	say("%s", exit);
	return strcmp(exit, "off") != 0;
}
