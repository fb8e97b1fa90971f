# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Boot and say so.

pass booted
