// SPDX-License-Identifier: GPL-2.0-only
/// Keep the GIC driver inside the frames that it has mapped.
///
// Why:     the walk over redistributors ends at the one that has the Last bit set, and
//          its step comes from the device tree. Without that bit the driver reads
//          behind the mapping, takes what it finds there for a redistributor if the
//          bits fit, and writes to it. The same holds for a frame that is smaller than
//          the driver assumes. Interrupt numbers are checked where they are read.
// Where:   drivers/irqchip/irq-gic-v3.c, gic_iterate_rdists(),
//            gic_has_frame(), __gic_update_rdist_properties(),
//            gic_typer(), gic_dist_supports_lpis(), gic_init_bases(),
//            gic_measure_frames(), gic_of_iomap(): 10 matches
// Trees:   6.1-7.3
// Outside: a branch not taken for each redistributor.
// Options: --smpl-spacing

@walk@
identifier f = gic_iterate_rdists;
identifier ptr, typer;
typedef bool;
attribute name __iomem;
@@
+static bool gic_has_frame(const struct redist_region *region, void __iomem *ptr)
+{
+	return pguest_gic_frame_in(region->redist_base, region->size, ptr, SZ_128K);
+}
+
 static int f(...)
 {
 <...
+if (!gic_has_frame(gic_data.redist_regions + i, ptr))
+	break;
-typer = gic_read_typer(ptr + GICR_TYPER);
+typer = pguest_gicr_typer(gic_read_typer(ptr + GICR_TYPER));
 ...>
 }

@v4@
identifier f = __gic_update_rdist_properties;
expression reg;
@@
 f(...)
 {
 <...
-gic_read_typer(reg)
+pguest_gicr_typer(gic_read_typer(reg))
 ...>
 }

@lpis@
identifier f = gic_dist_supports_lpis;
typedef u32;
@@
+/* The value that was checked at boot; the host could return another one now. */
+static u32 gic_typer(void)
+{
+	if (pguest_active())
+		return gic_data.rdists.gicd_typer;
+	return readl_relaxed(gic_data.dist_base + GICD_TYPER);
+}
+
 static int f(...)
 {
 <...
-readl_relaxed(gic_data.dist_base + GICD_TYPER)
+gic_typer()
 ...>
 }

@init@
identifier f = gic_init_bases;
@@
+/* Store how much of each region is mapped, which firmware's tables decide. */
+static int gic_measure_frames(void)
+{
+	struct redist_region *region = gic_data.redist_regions;
+	int err = 0;
+	u32 i;
+
+	for (i = 0; !err && i < gic_data.nr_redist_regions; i++)
+		err = pguest_gic_measure(region[i].redist_base, SZ_128K, &region[i].size);
+	return err;
+}
+
 static int f(...)
 {
 ...
 gic_data.redist_stride = redist_stride;
+err = gic_measure_frames();
+if (err)
+	return err;
 ...
-typer = readl_relaxed(gic_data.dist_base + GICD_TYPER);
+typer = pguest_gicd_typer(readl_relaxed(gic_data.dist_base + GICD_TYPER));
 ...
+if (!pguest_gic_lpis_off(gic_data_rdist_rd_base()))
+	gic_data.rdists.gicd_typer &= ~GICD_TYPER_LPIS;
 if (gic_dist_supports_lpis()) { ... }
 else { ... }
 ...
 }

@map@
identifier f = gic_of_iomap;
identifier base, res, idx;
@@
 f(..., int idx, ..., struct resource *res)
 {
 ...
 base = of_iomap(...);
+if (base && pguest_gic_measure(base, idx ? SZ_128K : SZ_64K, NULL)) {
+	iounmap(base);
+	return IOMEM_ERR_PTR(-EINVAL);
+}
 ...
 }

@depends on walk@
@@
 #include <linux/irqchip/arm-gic-v3.h>
+#include <linux/irqchip/pguest.h>
