// SPDX-License-Identifier: GPL-2.0-only
/// Credit nothing that the host supplies to the random number generator.
///
// Why:     the seed of a device tree or of EFI, what a device returns, and when
//          interrupts, keys and disk requests come is the host's to choose. Who
//          knows the generator's state knows each key that the guest makes. All
//          of it is mixed in as before. Jitter of the guest's own loop counts on.
// Where:   drivers/char/random.c, add_hwgenerator_randomness(),
//            add_bootloader_randomness(), mix_interrupt_randomness(),
//            add_timer_randomness(): 4 matches
// Trees:   6.1, 6.12, 7.3
// Outside: a branch not taken; the seed of a device tree is credited some lines
//          later in setup_arch().

@device@
identifier f = add_hwgenerator_randomness;
identifier buf, len, entropy;
@@
 f(const void *buf, size_t len, size_t entropy, ...)
 {
+entropy = pguest_credit(entropy);
 mix_pool_bytes(buf, len);
 ...
 }

@loader@
identifier f = add_bootloader_randomness;
expression bits;
@@
 f(...)
 {
 <...
-credit_init_bits(bits);
+credit_init_bits(pguest_bootloader_bits(bits));
 ...>
 }

@interrupt@
identifier f = mix_interrupt_randomness;
expression bits;
@@
 f(...)
 {
 ...
-credit_init_bits(bits);
+credit_init_bits(pguest_credit(bits));
 ...
 }

@event@
identifier f = add_timer_randomness;
expression bits;
@@
 f(...)
 {
 <...
-_credit_init_bits(bits);
+_credit_init_bits(pguest_credit(bits));
 ...>
 }

@depends on device@
@@
 #include <linux/random.h>
+#include <linux/pguest.h>
