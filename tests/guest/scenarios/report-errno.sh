# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Each file of configfs-tsm: how a write or a read ends. The host compares.

. /report.sh

E=$REPORTS/entry

try() {
	name=$1
	shift
	value "$name" "$(attempt "$@")"
}

challenge_of() {
	try "write_$1" write "$E"/inblob "$1"
	try "outblob_$1" read "$E"/outblob
}

check attestation_is_there bring_up_attestation
try mkdir mkdir "$E"
try mkdir_again mkdir "$E"
value files "$(ls "$E" | sort | tr '\n' ' ')"
value modes "$(cd "$E" && stat -c '%n=%a' -- * | sort | tr '\n' ' ')"
value provider "$(cat "$E"/provider)"

story "before there is a challenge"
try generation_of_0 text "$E"/generation 1
value generation_first "$(cat "$E"/generation)"
try outblob_first read "$E"/outblob
try provider_write text "$E"/provider other
try outblob_write write "$E"/outblob 1
try inblob_read read "$E"/inblob
try inblob_both both "$E"/inblob

story "challenges of all lengths"
for size in 0 1 31 32 33 63 64 65 4096; do challenge_of $size; done
value generation_then "$(cat "$E"/generation)"

story "what an entry remembers"
try inblob_64 write "$E"/inblob 64
before=$(cat "$E"/generation)
sum=$(sha256 <"$E"/outblob)
check same_token_without_a_new_challenge same_sum "$sum" "$(sha256 <"$E"/outblob)"
check reading_is_no_write [ "$before" = "$(cat "$E"/generation)" ]
try inblob_again write "$E"/inblob 64
check every_write_counts [ "$((before + 1))" = "$(cat "$E"/generation)" ]
try outblob_by_1 read "$E"/outblob 1
try outblob_by_4096 read "$E"/outblob 4096
try outblob_seek seek "$E"/outblob

story "a bad challenge does not leave the old token"
try inblob_31 write "$E"/inblob 31
try outblob_after_31 read "$E"/outblob
try inblob_back write "$E"/inblob 64
try outblob_after_64 read "$E"/outblob

try rmdir rmdir "$E"
try rmdir_again rmdir "$E"
check nothing_is_left [ -z "$(ls "$REPORTS")" ]
