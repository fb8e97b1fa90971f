# SPDX-License-Identifier: GPL-2.0-only
#
# What the headers in compat/include/compat ask of a tree, where the preprocessor
# cannot: is there a word in a file?

tree-has = $(shell grep -sqw $(1) $(srctree)/$(2) && echo y)

compat-flags-$(if $(call tree-has,default_swiotlb_base,include/linux/swiotlb.h),n,y) \
	+= -DCOMPAT_SWIOTLB_BASE
compat-flags-$(if $(call tree-has,dma_reset_need_sync,include/linux/dma-map-ops.h),n,y) \
	+= -DCOMPAT_ALWAYS_SYNC
compat-flags-$(if $(call tree-has,sysfs_bin_attr_simple_read,include/linux/sysfs.h),n,y) \
	+= -DCOMPAT_SYSFS_SIMPLE_READ
# In a structure of its own: another enum clocksource_ids is in front of it.
compat-flags-$(if $(shell sed -n '/^struct system_counterval_t/,/^}/p' \
			  $(srctree)/include/linux/timekeeping.h | grep -w cs_id),n,y) \
	+= -DCOMPAT_CROSSTSTAMP
compat-flags-$(if $(call tree-has,u128,include/linux/types.h),n,y) \
	+= -DCOMPAT_INT128
compat-flags-$(if $(call tree-has,sha256_ctx,include/crypto/sha2.h),n,y) \
	+= -DCOMPAT_SHA256_STATE
compat-flags-$(if $(call tree-has,sha512_ctx,include/crypto/sha2.h),n,y) \
	+= -DCOMPAT_SHA512_SHASH
compat-flags-$(if $(call tree-has,shrinker_alloc,include/linux/shrinker.h),n,y) \
	+= -DCOMPAT_SHRINKER
compat-flags-$(if $(call tree-has,BUFFER_HEAD,fs/Kconfig),n,y) \
	+= -DCOMPAT_BUFFER_HEAD
compat-flags-$(if $(call tree-has,dt_phys,include/linux/of_fdt.h),n,y) \
	+= -DCOMPAT_FDT_VIRT_ONLY
compat-flags-$(if $(call tree-has,DEV_FLAG_DMA_COHERENT,include/linux/device.h),n,y) \
	+= -DCOMPAT_DEVICE_FLAGS
compat-flags-$(if $(call tree-has,register_syscore,include/linux/syscore_ops.h),n,y) \
	+= -DCOMPAT_SYSCORE_OPS
compat-flags-$(if $(call tree-has,virtqueue_info,include/linux/virtio_config.h),n,y) \
	+= -DCOMPAT_FIND_VQS
compat-flags-$(if $(call tree-has,vfs_path_lookup,include/linux/namei.h),n,y) \
	+= -DCOMPAT_PATH_LOOKUP
compat-flags-$(if $(call tree-has,ssize_t,drivers/tty/hvc/hvc_console.h),n,y) \
	+= -DCOMPAT_HVC_CHARS
# A tree's vmclock-abi.h from before the generation counter: ours, which is not found as
# the tree's comes first, takes its place by its include guard.
compat-flags-$(if $(wildcard $(srctree)/include/uapi/linux/vmclock-abi.h),$(if \
	$(call tree-has,vm_generation_counter,include/uapi/linux/vmclock-abi.h),n,y),n) \
	+= -include $(srctree)/pguest/compat/include/linux/vmclock-abi.h
