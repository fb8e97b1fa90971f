/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hypervisor for tests: it has a few made-up granules, mainline's rules, and
 * a script that says when it refuses or lies. No memory is touched.
 *
 * Every granule has a history, one letter for each thing that happened to it:
 * 'c' cleared, 's' shared, 'u' taken back. A life is "csuc". Where shared memory
 * has an address of its own there are also 'n', 'p', 'h': mapped not at all, as
 * private, as the host has it. A life is then "cnshcnupc".
 */
#ifndef _PGUEST_KUNIT_HYPERVISOR_H
#define _PGUEST_KUNIT_HYPERVISOR_H

#include <kunit/test.h>
#include <linux/types.h>

#include <asm/pguest.h>

#define HYP_BASE	((phys_addr_t)SZ_2G)
#define HYP_GRANULES	256
#define HYP_HISTORY	24

/**
 * enum hyp_answer - how far a call says that it got, when the script has a say
 * @HYP_TRUTH:		as far as it did
 * @HYP_NOWHERE:	to where it began
 * @HYP_BACK:		to before where it began
 * @HYP_PAST:		to beyond what was asked for
 * @HYP_INSIDE:		to the middle of a granule
 * @HYP_FAR:		to the end of all addresses
 */
enum hyp_answer {
	HYP_TRUTH,
	HYP_NOWHERE,
	HYP_BACK,
	HYP_PAST,
	HYP_INSIDE,
	HYP_FAR,
};

/**
 * struct hyp_script - which call goes wrong, and in which way
 * @at:		number of the call, from 1 on; 0 for none
 * @for_ever:	and every later one
 * @err:	what it returns
 * @does:	granules that it does in truth
 * @answer:	what it tells about that
 */
struct hyp_script {
	unsigned int at;
	bool for_ever;
	int err;
	unsigned int does;
	enum hyp_answer answer;
};

/**
 * struct hyp - the hypervisor and the memory that it looks after
 * @backend:	as the core sees it
 * @pieces:	a call for a range does no more granules than this; 0 for all
 * @share:	what MEM_SHARE does wrong
 * @unshare:	what MEM_UNSHARE does wrong
 * @share_calls: calls so far
 * @unshare_calls: likewise
 * @open:	granules that the host sees
 * @peak:	the most that it ever saw
 * @leaked:	granules that were opened with somebody's data in them
 * @spoilt:	granules that were cleared while they were open
 * @strays:	calls for what is no granule of ours
 * @aliased:	granules that changed hands, or were cleared, under a wrong mapping
 * @unbroken:	mappings that changed their address without a break
 * @map_calls:	calls to map something
 * @map_fails:	number of the call that fails, from 1 on; 0 for none
 * @is_open:	does the host see it
 * @dirty:	it holds our data, or the host's
 * @mapped:	where it is mapped
 * @history:	what happened to it
 */
struct hyp {
	struct pguest_backend backend;
	unsigned int pieces;
	struct hyp_script share;
	struct hyp_script unshare;
	unsigned int share_calls;
	unsigned int unshare_calls;
	unsigned int open;
	unsigned int peak;
	unsigned int leaked;
	unsigned int spoilt;
	unsigned int strays;
	unsigned int aliased;
	unsigned int unbroken;
	unsigned int map_calls;
	unsigned int map_fails;
	bool is_open[HYP_GRANULES];
	bool dirty[HYP_GRANULES];
	enum pguest_map mapped[HYP_GRANULES];
	char history[HYP_GRANULES][HYP_HISTORY];
};

extern struct hyp hyp;
extern struct pguest_space hyp_space;

void hyp_reset(phys_addr_t granule, bool ranges);
void hyp_reset_realm(void);
void hyp_exit(struct kunit *test);
unsigned int hyp_calls(void);
void hyp_forget_calls(void);

phys_addr_t hyp_addr(unsigned int granule);
int hyp_share(unsigned int first, unsigned int end);
int hyp_share_for(unsigned int first, unsigned int end, enum pguest_owner owner);
int hyp_unshare(unsigned int first, unsigned int end);
struct pguest_entry hyp_entry(unsigned int granule);

void hyp_expect_safe(struct kunit *test);
void hyp_expect_books(struct kunit *test);
void hyp_expect_nothing(struct kunit *test);
void hyp_expect_open(struct kunit *test, unsigned int first, unsigned int end,
		     unsigned int refs);
void hyp_expect_lost(struct kunit *test, unsigned int first, unsigned int end);

#endif /* _PGUEST_KUNIT_HYPERVISOR_H */
