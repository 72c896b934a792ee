#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# This script makes many TIME_WAIT entries and looks at what they weigh, one
# of them beside kernel TCP's.
. "$(dirname "$0")/lib.sh"

# Programs of others, or thousands of segments: what the module does for them, other tests show there as well.
[ "${TTP_KERNEL:-}" != debug ] || { echo "1..0 # SKIP half an hour on the debug kernel"; exit 4; }

[ "$TTP_FAMILY" = ttp ] || { echo "1..0 # SKIP it compares both"; exit 4; }
MOST=100000		# entries, if this machine makes them in
BUDGET=15		# seconds
LEAST=2000
NOISE=$((1 << 18))	# bytes that others may take meanwhile
SLAB=/sys/kernel/slab

entries() { awk '$4 == "06" { n++ } END { print n + 0 }' "/proc/${KEEPER[$A]}/net/ttp"; }
value() { sed -n "s/.*\b$1=\([0-9]*\).*/\1/p" <<<"$2"; }
bench() { in_a ttpbench -t 400 -a 0.0.0.0 ttp timewait "$1"; }

# What a connection takes here says how many there can be.
how_many()
{
	local first n
	first=$(bench 500) || fail "no measurement: $first"
	n=$((BUDGET * 1000000000 / $(value crr_after "$first")))
	echo $((n > MOST ? MOST : n < LEAST ? LEAST : n))
}

one_entry()
{
	local what ours theirs
	[ -r $SLAB/ttp_tw/object_size ] || missing "the kernel does not tell the size of slabs"
	for what in object_size slab_size; do	# without and with what the allocator adds
		ours=$(cat $SLAB/ttp_tw/$what)
		theirs=$(cat $SLAB/tw_sock_TCP/$what)
		echo "$what $ours, kernel TCP's $theirs"
		[ "$ours" -lt "$theirs" ] || fail "$what is $ours bytes, kernel TCP's $theirs"
	done
}

# All that is kept of a connection is its entry: the kernel's memory for small objects has grown by their size, and an
# eighth for pages that are not full yet. The times are printed only: tools/bench-crowd measures them.
many_entries()
{
	local n result there weigh
	n=$(how_many) || fail "$n"
	result=$(bench "$n") || fail "no measurement: $result"
	there=$(entries)
	echo "$n connections: $result" >"$TMP/result"
	[ "$there" -ge "$n" ] || fail "only $there entries of $n"
	[ -r $SLAB/ttp_tw/slab_size ] || missing "the kernel does not tell the size of slabs"
	weigh=$(cat $SLAB/ttp_tw/slab_size)
	[ $(($(value slab "$result") * n)) -le $((weigh * n * 9 / 8 + NOISE)) ] ||
		fail "each takes more than its $weigh bytes: $result"
}

hosts || { echo "1..0 # SKIP no network namespaces"; exit 4; }
in_a sh -c "echo 600 >/proc/sys/net/ttp/tw_timeout; echo $((2 * MOST)) >/proc/sys/net/ttp/max_tw_buckets"
t one_entry one_entry
t many_entries many_entries
[ ! -e "$TMP/result" ] || note "$(cat "$TMP/result")"
finish
