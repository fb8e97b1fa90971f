// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where RMMs differ, and a guest has to live with either: option rmm=. "spec" does what DEN0137 1.0 says, and where
 * it leaves a choice what asks more of the guest. "tf" does what TF-RMM does at commit 9a7f8ef4 (2026-07-22); the
 * files named here are in its directory runtime/.
 */
#include <string.h>
#include "options.h"

static const struct rmm characters[] = {
	{
		.name			= "spec",
		.shape			= "1.0",
		.profile		= "2024",
		.sctlr			= 0x30d00800,	/* RES1 bits; MMU and caches off */
	}, {
		.name			= "tf",
		.shape			= "2.0",
		.profile		= "mixed",	/* TF-A's sample platform token is of 2023 */
		.version		= "higher",	/* rsi/version.c: 1.0 and 1.1 */
		.sctlr			= 0x00c50878,	/* SCTLR_EL1_FLAGS in lib/arch/include/arch.h */
		.takes_any_flags	= true,		/* rsi/memory.c */
		.empties_all		= true,		/* rmi/rtt.c, update_ripas() */
		.keeps_pages		= true,		/* the same */
		.maps_upper		= true,		/* rmi/rtt_map.c */
		.zeroes_host_call	= true,		/* core/exit.c, handle_realm_rsi() */
		.wide_imm		= true,		/* rsi/host_call.c */
		.keeps_registers	= true,		/* rsi/realm_attest.c, handle_rsi_measurement_read() */
		.two_hashes		= true,		/* rsi/config.c */
		.writes_1_1		= true,		/* the same */
		.signs_first		= true,		/* rsi/realm_attest.c, handle_rsi_attest_token_continue() */
		.one_page_token		= true,		/* the same; app/attestation/rmm_stub/include/attest_defs.h */
		.denies_or_not		= true,		/* rsi/psci.c, psci_complete_request() */
		.masks_mpidr		= true,		/* include/rec.h, mpidr_to_rec_idx() */
		.keeps_last_life	= true,		/* rsi/psci.c, psci_reset_rec() */
		.shows_cpu		= true,		/* core/sysregs.c */
		.traps_little		= true,		/* lib/arch/include/arch.h, HCR_EL2_REALM and MDCR_EL2_INIT */
		.drops_pan		= true,		/* core/inject_exp.c, calc_spsr() */
		.random_instance	= true,		/* rmi/realm.c, generate_realm_instance_id() */
	},
};

const struct rmm *rmm = &characters[0];

bool rmm_choose(const char *name)
{
	for (u32 i = 0; i < ARRAY_SIZE(characters); i++)
		if (!strcmp(characters[i].name, name)) {
			rmm = &characters[i];
			return true;
		}
	return false;
}
