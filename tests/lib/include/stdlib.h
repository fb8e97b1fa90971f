/* SPDX-License-Identifier: GPL-2.0-only */
/* libfdt includes <stdlib.h>; nothing that we compile of it needs a symbol from there. */
