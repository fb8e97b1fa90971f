/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A scripted hypervisor: it has the state of each granule, the rules of mainline's pKVM,
 * and a script for refusals and wrong answers. It accesses no memory.
 *
 * Each granule has a history with a letter for each event: 'c' cleared, 's' shared, 'u'
 * taken back. Sharing a granule and taking it back is "csuc". If shared memory has its
 * own address bit there are also 'n', 'p' and 'h': not mapped, mapped as private, mapped
 * as shared. The sequence is then "cnshcnupc".
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
 * enum hyp_answer - the address that a scripted call returns
 * @HYP_TRUTH:		the one that it reached
 * @HYP_NOWHERE:	its start
 * @HYP_BACK:		one before its start
 * @HYP_PAST:		one behind its end
 * @HYP_INSIDE:		the middle of a granule
 * @HYP_FAR:		the last address
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
 * struct hyp_script - a call that fails or answers wrongly
 * @at:		number of the call, from 1 on; 0 for none
 * @for_ever:	all later calls as well
 * @err:	error that it returns
 * @does:	granules that it changes
 * @answer:	address that it returns
 */
struct hyp_script {
	unsigned int at;
	bool for_ever;
	int err;
	unsigned int does;
	enum hyp_answer answer;
};

/**
 * struct hyp - the hypervisor and its granules
 * @backend:	as the core sees it
 * @pieces:	most granules that a call for a range changes; 0 for all
 * @share:	script of MEM_SHARE
 * @unshare:	script of MEM_UNSHARE
 * @share_calls: calls so far
 * @unshare_calls: likewise
 * @open:	granules that are shared
 * @peak:	maximum of @open
 * @exposed:	granules that were shared before they were cleared
 * @spoilt:	granules that were cleared while they were shared
 * @strays:	calls for a range outside of the granules
 * @aliased:	granules that changed their state, or were cleared, under a wrong mapping
 * @unbroken:	changes of a mapping's address without break-before-make
 * @map_calls:	calls to map something
 * @map_fails:	number of the call that fails, from 1 on; 0 for none
 * @is_open:	it is shared
 * @dirty:	it holds data of the VM or of the host
 * @mapped:	how it is mapped
 * @history:	its events
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
	unsigned int exposed;
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
