// SPDX-License-Identifier: GPL-2.0-only
/// Take back shared memory, or a key, before another kernel.
///
// Why:     the next kernel does not know what this one has shared. It would use some
//          of that memory as private memory, and the hypervisor refuses to share a
//          granule twice.
//          Here the devices are shut down, the other CPUs are off, and no interrupt
//          comes any more; reboot notifiers are called while devices work. A crash
//          kernel has memory of its own, and the memory of this one stays as it is, but
//          for the key of attestation: no notifier is called before it.
// Where:   arch/arm64/kernel/machine_kexec.c, machine_kexec(): 1 match
// Trees:   6.1-7.3
// Outside: a branch not taken for each kexec.

@jump@
identifier f = machine_kexec;
identifier image, crash;
expression E;
@@
 f(struct kimage *image)
 {
 ...
 bool crash = (image == E);
 ...
 local_daif_mask();
+if (crash)
+	pguest_before_crash();
+else
+	pguest_before_kexec(image);
 ...
 }

@depends on jump@
@@
 #include <linux/kexec.h>
+#include <linux/pguest_kexec.h>
