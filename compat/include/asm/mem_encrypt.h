/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that others may see, for trees that know nothing of it on arm64: those
 * before 6.12.
 *
 * The functions are ours on every tree, see arch/arm64/mm/mem_encrypt.c.
 */
#ifndef __ASM_MEM_ENCRYPT_H
#define __ASM_MEM_ENCRYPT_H

int set_memory_encrypted(unsigned long addr, int numpages);
int set_memory_decrypted(unsigned long addr, int numpages);

#endif /* __ASM_MEM_ENCRYPT_H */
