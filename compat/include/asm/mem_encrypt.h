/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * <asm/mem_encrypt.h> for trees before 6.12, which lack it on arm64.
 *
 * On every tree arch/arm64/mm/mem_encrypt.c has the functions.
 */
#ifndef __ASM_MEM_ENCRYPT_H
#define __ASM_MEM_ENCRYPT_H

int set_memory_encrypted(unsigned long addr, int numpages);
int set_memory_decrypted(unsigned long addr, int numpages);

#endif /* __ASM_MEM_ENCRYPT_H */
