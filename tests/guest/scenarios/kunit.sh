# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# KUnit runs by itself before user space; there is nothing left to do.

pass booted
