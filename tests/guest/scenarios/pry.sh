# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The host tries each way to a private page, then to a shared one. At last it takes
# the private page by force: what it gets is nothing, and the guest's end.

pry() {
	if out=$(doorbell "$1" "$2" 2>&1); then echo "allowed $out"; else echo "$out"; fi
}

for way in peek poke send fill; do
	value "private_$way" "$(pry $way "$private_page")"
done
check private_page_is_as_it_was [ $(($(devmem "$private_page" 64))) = $((secret)) ]
shared_page=$(first_shared_page)
for way in peek send; do
	value "shared_$way" "$(pry $way "$shared_page")"
done
list_ledger
value private_force "$(pry steal "$private_page")"
usleep 300000
devmem "$private_page" 64
fail the_end "the guest has touched a page that was taken from it, and lives"
