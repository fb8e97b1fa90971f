// SPDX-License-Identifier: GPL-2.0-only
#include "base.h"

u64 device_read(u64 address, u32 log2_size)
{
	u64 value = 0;

	return mmio_load(address, log2_size, &value) ? 0 : value;
}

void device_write(u64 address, u32 log2_size, u64 value)
{
	mmio_store(address, log2_size, value);
}
