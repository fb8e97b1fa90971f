// SPDX-License-Identifier: GPL-2.0-only
/* Our own stage 1 at EL2: everything at its own address, RAM cached, the rest device memory. */
#include "cpu.h"

#define BLOCK		1UL		/* valid, not a table */
#define TABLE		3UL
#define AF		BIT(10)
#define INNER_SHARED	(3UL << 8)
#define NORMAL		(1UL << 2)	/* MAIR index 1 */
#define XN		BIT(54)

#define GIB		BIT(30)
#define MAIR		0xff04		/* 0: Device-nGnRE, 1: write-back */
/* 48 bits of address, 4 KiB pages, walks cached and shareable, 1 TiB of output */
#define TCR		(BIT(31) | BIT(23) | 2UL << 16 | 3UL << 12 | 1UL << 10 | 1UL << 8 | 16)
#define SCTLR		(0x30c50830 | BIT(12) | BIT(2) | BIT(0))	/* RES1, caches, MMU */

static u64 top[512] __attribute__((aligned(4096)));
static u64 low[2][512] __attribute__((aligned(4096)));

/* virt has RAM from 1 GiB up to the PCI configuration space at 256 GiB, and devices on both sides. */
static u64 entry_for(u64 address)
{
	bool is_ram = address >= GIB && address < 256 * GIB;

	return address | BLOCK | AF | INNER_SHARED | (is_ram ? NORMAL : XN);
}

void mmu_init(void)
{
	for (u64 i = 0; i < 1024; i++)
		low[i / 512][i % 512] = entry_for(i * GIB);
	for (u64 i = 0; i < 2; i++)
		top[i] = (u64)low[i] | TABLE;
}

void mmu_on(void)
{
	sysreg_write(mair_el2, MAIR);
	sysreg_write(tcr_el2, TCR);
	sysreg_write(ttbr0_el2, (u64)top);
	asm volatile("tlbi alle2\n\tdsb sy\n\tisb" : : : "memory");
	sysreg_write(sctlr_el2, SCTLR);
	asm volatile("isb" : : : "memory");
}
