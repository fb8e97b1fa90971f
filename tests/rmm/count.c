// SPDX-License-Identifier: GPL-2.0-only
#include "count.h"

struct counters count;
