# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The same kernel where there is no RMM: nothing looks like a realm.

. /report.sh

mount -t configfs configfs /sys/kernel/config
value device "$(ls -d "$CCA_DEVICE" 2>/dev/null)"
value misc "$(ls -d "$CCA_MISC" /dev/arm_cca_guest 2>/dev/null)"
value mkdir "$(attempt mkdir "$REPORTS"/entry)"
