// SPDX-License-Identifier: GPL-2.0-only
/// Credit no entropy for input that the host can choose.
///
// Why:     the host chooses the seed in the device tree or from EFI, what a device
//          returns, and the times of interrupts, keys and disk requests. Knowing the
//          generator's state means knowing each key that the guest makes. The input
//          is mixed in as before, and the jitter of the guest's own loop still counts.
// Where:   drivers/char/random.c, add_hwgenerator_randomness(),
//            add_bootloader_randomness(), mix_interrupt_randomness(),
//            add_timer_randomness(): 1 match each
// Trees:   6.1-7.3
// Outside: a branch not taken; the seed of a device tree is credited some lines
//          later in setup_arch().
// Off:     the same by its text, of which gcc makes another object.

@device@
identifier f = add_hwgenerator_randomness;
identifier buf, len, entropy;
@@
 f(const void *buf, size_t len, size_t entropy, ...)
 {
 ...
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
identifier count;
expression bits;
@@
 f(...)
 {
 ...
 unsigned int count;
 ...
-credit_init_bits(bits);
+count = bits;
+credit_init_bits(pguest_credit(count));
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
