# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The host looks at a private page and at a shared one. Each outcome is only
# told here; the host of the test decides what it should have been.

peek() {
	if out=$(doorbell peek "$1" 2>&1); then echo allowed; else echo "$out"; fi
}

if [ -n "$secret" ]; then
	story "attack: the host reads private memory"
	value peek_private "$(peek "$private_page")"
fi
shared_page=$(first_shared_page)
if [ -n "$shared_page" ]; then
	value peek_shared "$(peek "$shared_page")"
fi
