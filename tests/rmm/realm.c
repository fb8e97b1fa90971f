// SPDX-License-Identifier: GPL-2.0-only
/*
 * A realm from nothing: parameters, RIPAS, content, vCPUs, in the order that README.rst has for the initial
 * measurement. Layouts: DEN0137, RmiRealmParams and RmiRecParams.
 */
#include <string.h>
#include "count.h"
#include "memory.h"
#include "options.h"
#include "place.h"
#include "realm.h"
#include "rmi.h"

#define ALIGN		0x200000UL
#define DTB_SIZE	0x10000UL	/* that the device tree may have */

/* Image header, Documentation/arch/arm64/booting.rst */
struct image_header {
	u32 code[2];
	u64 text_offset, size, flags, reserved[3];
	u32 magic, pe;
};

#define IMAGE_MAGIC	0x644d5241

/* Parameters of a realm */
#define REALM_FLAGS		0x000
#define REALM_S2SZ		0x008
#define REALM_SVE_VL		0x010
#define REALM_BREAKPOINTS	0x018
#define REALM_WATCHPOINTS	0x020
#define REALM_HASH		0x030
#define REALM_RPV		0x400
#define REALM_VMID		0x800
#define REALM_TABLES		0x808
#define REALM_START_LEVEL	0x810
#define REALM_START_TABLES	0x818

/* Parameters of a REC */
#define REC_FLAGS		0x000
#define REC_MPIDR		0x100
#define REC_PC			0x200
#define REC_GPRS		0x300
#define REC_RUNNABLE		1

static struct span image, initrd, dtb;

static u64 round_up(u64 n, u64 to)
{
	return (n + to - 1) & ~(to - 1);
}

static u8 hash_number(void)
{
	if (!strcmp(opt.hash, "sha256"))
		return 0;
	return strcmp(opt.hash, "sha512") ? 2 : 1;
}

static void realm_create(void)
{
	u8 *p = pages_must(1, "parameters");

	realm.rd = granules_new(1);
	*(u64 *)(p + REALM_FLAGS) = realm.flags;
	*(u64 *)(p + REALM_S2SZ) = opt.ipa_bits;
	*(u64 *)(p + REALM_SVE_VL) = realm.sve_vl;
	*(u64 *)(p + REALM_BREAKPOINTS) = realm.breakpoints;
	*(u64 *)(p + REALM_WATCHPOINTS) = realm.watchpoints;
	p[REALM_HASH] = hash_number();
	memcpy(p + REALM_RPV, opt.rpv, 64);
	*(u16 *)(p + REALM_VMID) = rmi->vmid;
	*(u64 *)(p + REALM_TABLES) = granules_new(realm.start_tables);
	*(s64 *)(p + REALM_START_LEVEL) = realm.start_level;
	*(u64 *)(p + REALM_START_TABLES) = realm.start_tables;
	rmi_must(rmi_realm_create((u64)p), "REALM_CREATE");
	count.tables += realm.start_tables;
}

static void make_ram(void)
{
	u64 base = ram.start, status;

	while (base < ram.end) {
		status = rmi_init_ripas(base, ram.end, &base);
		if (!table_made(status, base))
			rmi_must(status, "RTT_INIT_RIPAS");
	}
}

/* A whole file, with zeros up to the end of its last page. */
static u64 read_file(const char *path, u64 at)
{
	s64 size = semihost_read_file(path, (void *)at, STAGE_END - at);

	if (size < 0)
		fail("cannot read %s, or it is larger than %lu bytes", path, STAGE_END - at);
	memset((void *)(at + size), 0, round_up(size, PAGE) - size);
	return size;
}

/* What is behind the file, as far as its header takes memory, is loaded and measured as zeros. */
static void load_image(void)
{
	const struct image_header *h = (void *)STAGE_START;
	u64 size = read_file(opt.image, STAGE_START);

	if (size < sizeof(*h) || h->magic != IMAGE_MAGIC || h->text_offset)
		fail("%s is no arm64 Image, or an old one with an offset", opt.image);
	image = (struct span){ ram.start, ram.start + round_up(h->size, PAGE) };
	if (h->size < size || image.end > ram.end || h->size > STAGE_END - STAGE_START)
		fail("%s takes %lu bytes", opt.image, h->size);
	memset((void *)(STAGE_START + size), 0, image.end - image.start - size);
	memory_load(image.start, h, image.end - image.start, opt.measure);
}

static void load_initrd(void)
{
	u64 start = round_up(image.end, ALIGN), size;

	initrd = (struct span){ start, start };
	if (!opt.initrd)
		return;
	size = read_file(opt.initrd, STAGE_START);
	initrd.end = start + size;
	if (initrd.end > ram.end)
		fail("%s does not fit into RAM", opt.initrd);
	memory_load(start, (void *)STAGE_START, round_up(size, PAGE), opt.measure);
}

/* The host writes the device tree: nothing but its address is vouched for. */
static void load_dtb(void)
{
	u64 start = round_up(initrd.end, ALIGN);

	dtb = (struct span){ start, start + DTB_SIZE };
	if (dtb.end > ram.end)
		fail("no room in RAM for the device tree");
	memset((void *)STAGE_START, 0, DTB_SIZE);
	memcpy((void *)STAGE_START, fdt_write(&initrd), DTB_SIZE);
	memory_load(start, (void *)STAGE_START, DTB_SIZE, false);
}

static void create_rec(struct vcpu *vcpu)
{
	u8 *p = pages_must(1, "parameters");

	vcpu->rec = granules_new(1);
	vcpu->run = pages_must(1, "the page of REC_ENTER");
	*(u64 *)(p + REC_MPIDR) = vcpu->index;
	if (!vcpu->index) {
		*(u64 *)(p + REC_FLAGS) = REC_RUNNABLE;
		*(u64 *)(p + REC_PC) = image.start;
		*(u64 *)(p + REC_GPRS) = dtb.start;
	}
	rmi_must(rmi->rec_create(vcpu->rec, (u64)p), "REC_CREATE");
}

void realm_build(void)
{
	realm_create();
	make_ram();
	load_image();
	load_initrd();
	load_dtb();
	for (u32 i = 0; i < opt.cpus; i++) {
		vcpu_of(i)->index = i;
		create_rec(vcpu_of(i));
	}
	rmi_must(rmi_realm_activate(), "REALM_ACTIVATE");
	realm.running = true;
}

static void put_span(struct json *j, const char *name, const struct span *s)
{
	json_open(j, name, '{');
	json_hex(j, "start", s->start);
	json_number(j, "size", s->end - s->start);
	json_close(j, '}');
}

static void put_hex(struct json *j, const char *name, const char *bytes, u32 n)
{
	char text[129];

	for (u32 i = 0; i < n; i++)
		format(text + 2 * i, 3, "%02x", (u8)bytes[i]);
	json_string(j, name, text);
}

void realm_report(struct json *j)
{
	json_open(j, "realm", '{');
	json_string(j, "rmm", rmi ? rmi->name : "none");
	json_number(j, "ipa_bits", opt.ipa_bits);
	json_string(j, "hash", opt.hash);
	put_hex(j, "rpv", opt.rpv, 64);
	json_number(j, "flags", realm.flags);
	json_number(j, "sve_vl", realm.sve_vl);
	json_number(j, "num_bps", realm.breakpoints);
	json_number(j, "num_wps", realm.watchpoints);
	json_number(j, "measured", opt.measure);
	put_span(j, "described", &ram);
	put_span(j, "image", &image);
	put_span(j, "initrd", &initrd);
	put_span(j, "dtb", &dtb);
	json_close(j, '}');
}
