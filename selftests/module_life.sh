#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# This script loads and unloads the module in every situation: sockets open,
# traffic under way, TIME_WAIT left behind, by hand and by autoload.
. "$(dirname "$0")/lib.sh"

[ "$TTP_FAMILY" = ttp ] || { echo "1..0 # SKIP kernel TCP is no module"; exit 4; }
[ -n "${TTP_KO:-}" ] || { echo "1..0 # SKIP TTP_KO does not name the module"; exit 4; }

loaded() { grep -q '^ttp ' /proc/modules; }
load() { loaded || insmod "$TTP_KO" "$@"; }
unload_now() { rmmod ttp 2>"$TMP/rmmod"; }
unload() { ! loaded || until_true unload_now || fail "$(cat "$TMP/rmmod"; grep '^ttp ' /proc/modules)"; }

# What the module had in the kernel has gone with it.
nothing_left()
{
	local f
	! grep '^ttp' /proc/slabinfo || fail "slab caches are left"
	for f in /proc/net/ttp /proc/net/ttp6 /proc/net/ttp_snmp /proc/sys/net/ttp $TRACING/events/ttp; do
		[ ! -e $f ] || fail "$f is still there"
	done
	! grep -E '^(TTP|ttp)' /proc/net/protocols || fail "/proc/net/protocols still names it"
}

load_and_unload()
{
	local n
	unload
	for n in 1 2 3 4 5; do
		load || fail "it does not load"
		[ -e /proc/net/ttp ] || fail "/proc/net/ttp is not there"
		unload
	done
	nothing_left
}

refused_while_open()
{
	load
	sockdo bind 127.0.0.1 7701 listen 1 mark "$TMP/open" wait "$TMP/close" &
	until_true test -e "$TMP/open" || fail "no socket"
	! unload_now || fail "unloaded while a socket was open"
	touch "$TMP/close"
	wait $!
	unload
	nothing_left
}

refused_while_connected()
{
	local n
	load
	hosts || fail "no hosts"
	in_b stream -m "$TMP/up1" listen $B4 7702 recv >"$TMP/there" &
	until_true test -e "$TMP/up1" || fail "no listener"
	in_a stream -n 2000000000 connect $B4 7702 send >"$TMP/here" 2>&1 &
	until_state "$B" ESTABLISHED 7702
	for n in 1 2 3 4 5; do
		! unload_now || fail "unloaded under a connection"
		sleep 0.1
	done
	kill_in_hosts
	sysctl_set orphan_retries 1
	unload
	cleanup_hosts
	nothing_left
}

# What nobody has open any more does not keep the module, at either end.
unloads_over_orphans()
{
	load
	hosts || fail "no hosts"
	in_b sockdo bind $B4 7704 listen 1 mark "$TMP/up4" accept wait "$TMP/go" close &
	until_true test -e "$TMP/up4" || fail "no listener"
	in_a sockdo bind $A4 7705 connect $B4 7704 mark "$TMP/connected" wait "$TMP/go" close &
	until_true test -e "$TMP/connected" || fail "no connection"
	netem loss 100% || missing "no netem"
	touch "$TMP/go"
	wait
	has_state "$A" FIN_WAIT1 7705 && has_state "$B" FIN_WAIT1 7704 || fail "no orphans"
	unload
	nothing_left
	cleanup_hosts
}

# Segments keep coming for a protocol that comes and goes.
under_fire()
{
	local n fire
	unload
	ip link set lo up
	flood &
	fire=$!
	for n in 1 2 3 4 5; do
		load || fail "it does not load"
		sockdo bind 127.0.0.1 7 listen 4 || fail "no listener"
		sleep 0.2
		unload
	done
	kill $fire
	nothing_left
}

# TIME_WAIT entries and listeners of a host that goes away go with it.
host_goes_away()
{
	local n
	load
	hosts || fail "no hosts"
	for n in 1 2 3; do
		rm -f "$TMP/up2"
		in_b sockdo bind $B4 $((7710 + n)) listen 1 mark "$TMP/up2" accept eof close &
		until_true test -e "$TMP/up2" || fail "no listener"
		in_a sockdo connect $B4 $((7710 + n)) close || fail "the client failed"
		wait $!
	done
	[ "$(in_a grep -c ' 06 ' $PROC_V4)" = 3 ] || fail "no three TIME_WAITs: $(in_a cat $PROC_V4)"
	# a half-open request, too
	drop_nth "$A" 0x12 1 100
	in_b sockdo bind $B4 7720 listen 1 mark "$TMP/up3" wait "$TMP/never" &
	until_true test -e "$TMP/up3" || fail "no listener"
	in_a sockdo start $B4 7720 wait "$TMP/never" &
	until_state "$B" SYN_RECV 7720
	cleanup_hosts
	unload
	nothing_left
}

other_family()
{
	unload
	! insmod "$TTP_KO" family=5 2>/dev/null || fail "AF_APPLETALK was accepted"
	for n in 13 14 22; do
		load family=$n || fail "family=$n is refused"
		TTP_AF=$n sockdo bind 127.0.0.1 7730 listen 1 || fail "no socket of family $n"
		! sockdo bind 127.0.0.1 7730 >/dev/null 2>&1 || fail "family 18 still works"
		unload
	done
	nothing_left
}

# As if installed: socket() finds the module by its alias.
autoload()
{
	local tree release modprobe
	unload
	release=$(uname -r)
	tree=$TMP/tree
	mkdir -p "$tree/lib/modules/$release/extra"
	cp "$TTP_KO" "$tree/lib/modules/$release/extra/ttp.ko"
	touch "$tree/lib/modules/$release/modules.order" "$tree/lib/modules/$release/modules.builtin"
	command -v depmod >/dev/null || missing "depmod is not installed"
	depmod -b "$tree" "$release" || fail "depmod"
	printf '#!/bin/sh\nexec modprobe -d %s "$@"\n' "$tree" >"$TMP/modprobe"
	chmod 755 "$TMP" "$TMP/modprobe"
	modprobe=$(cat /proc/sys/kernel/modprobe) || missing "this kernel cannot load modules by itself"
	echo "$TMP/modprobe" >/proc/sys/kernel/modprobe
	sockdo bind 127.0.0.1 7740 listen 1
	local status=$?
	echo "$modprobe" >/proc/sys/kernel/modprobe
	[ $status = 0 ] || fail "socket() did not load the module"
	loaded || fail "not loaded"
	unload
}

# Use it hard, then nothing may be left.
nothing_left_after_heavy_use()
{
	load
	ip link set lo up
	many >"$TMP/many" || fail "$(grep -A 1 -B 3 '^not' "$TMP/many")"
	sock_data odd >"$TMP/data" || fail "$(cat "$TMP/data")"
	states >"$TMP/states" || fail "$(grep -A 1 -B 3 '^not' "$TMP/states")"
	unload
	nothing_left
}

for test in load_and_unload refused_while_open refused_while_connected unloads_over_orphans under_fire \
	host_goes_away other_family autoload nothing_left_after_heavy_use; do
	t $test $test
done
load
finish
