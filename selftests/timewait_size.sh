#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# This script makes some TIME_WAIT entries and looks at what one of
# them weighs, beside kernel TCP's.
. "$(dirname "$0")/lib.sh"

# Programs of others, or thousands of segments: what the module does for them, other tests show there as well.
[ "${TTP_KERNEL:-}" != debug ] || { echo "1..0 # SKIP half an hour on the debug kernel"; exit 4; }

[ "$TTP_FAMILY" = ttp ] || { echo "1..0 # SKIP it compares both"; exit 4; }
ENTRIES=50
SLAB=/sys/kernel/slab
DEADLINE=60

entries() { awk '$4 == "06" { n++ } END { print n + 0 }' "/proc/${KEEPER[$A]}/net/ttp"; }
all_there() { [ "$(entries)" -ge $ENTRIES ]; }

one_entry()
{
	local result what ours theirs
	in_a sh -c 'echo 600 >/proc/sys/net/ttp/tw_timeout; echo 100000 >/proc/sys/net/ttp/max_tw_buckets'
	result=$(in_a ttpbench -t 400 -a 0.0.0.0 ttp timewait $ENTRIES) || fail "no measurement: $result"
	until_true all_there || fail "only $(entries) entries"
	[ -r $SLAB/ttp_tw/object_size ] || missing "the kernel does not tell the size of slabs"
	for what in object_size slab_size; do	# without and with what the allocator adds
		ours=$(cat $SLAB/ttp_tw/$what)
		theirs=$(cat $SLAB/tw_sock_TCP/$what)
		echo "$what $ours, kernel TCP's $theirs"
		[ "$ours" -lt "$theirs" ] || fail "$what is $ours bytes, kernel TCP's $theirs"
	done
}

hosts || { echo "1..0 # SKIP no network namespaces"; exit 4; }
t one_entry one_entry
finish
