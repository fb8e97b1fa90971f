/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfs_path_lookup(), which is exported, and which 6.1 declares in fs/internal.h alone.
 */
#ifndef _COMPAT_NAMEI_H
#define _COMPAT_NAMEI_H

#include <linux/namei.h>

#ifdef COMPAT_PATH_LOOKUP
int vfs_path_lookup(struct dentry *dentry, struct vfsmount *mnt, const char *name,
		    unsigned int flags, struct path *path);
#endif

#endif /* _COMPAT_NAMEI_H */
