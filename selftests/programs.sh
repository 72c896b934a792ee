#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# This script runs programs that know nothing of TTP over it, through ttp_run:
# nginx and curl over a bad link, iperf3, Python, Java.
#
# TTP_PROGRAM_MB (default 2) sets the size of the files.
. "$(dirname "$0")/lib.sh"
. "$HERE/web.sh"

[ "$TTP_FAMILY" = ttp ] || { echo "1..0 # SKIP ttp_run knows only TTP"; exit 4; }
MB=${TTP_PROGRAM_MB:-2}
DEADLINE=120		# interpreters start slowly where the machine is emulated

# Nobody cheats: kernel TCP has seen nothing.
no_tcp()
{
	[ "$(in_b awk '/^Tcp: [0-9]/ { print $11 + $12 }' /proc/net/snmp)" = 0 ] || fail "kernel TCP was in use"
}

nginx_and_curl()
{
	local url
	need nginx
	need curl
	url=$(url_of "$(address "$1")" "$1")
	without_offloads
	netem delay 10ms loss 1% limit 10000 || missing "no netem here"
	serve "$B" ttp "$1"
	fetch "$A" "$url" ttp_run
	# claim 39, HTTP keep-alive: one connection for three requests
	in_a ttp_run curl -sS -f -g --max-time 60 -o "$WEB/1" -o "$WEB/2" -o "$WEB/3" -w '%{num_connects} ' \
		"$url/page" "$url/page" "$url/page" >"$WEB/connects" || fail "no pages"
	[ "$(cat "$WEB/connects")" = "1 0 0 " ] || fail "connections: $(cat "$WEB/connects")"
	netem
	no_longer_serve
	no_tcp
}

iperf3_runs()
{
	local addr
	need iperf3
	addr=$(address "$1")
	nsenter --net="/run/netns/$B" ttp_run iperf3 -s -1 -p 7601 >"$TMP/iperf-s$1" 2>&1 &
	until_state "$B" LISTEN 7601
	in_a timeout 100 ttp_run iperf3 -c "$addr" -p 7601 -n 4M >"$TMP/iperf$1" 2>&1 ||
		fail "$(cat "$TMP/iperf$1" "$TMP/iperf-s$1")"
	grep -q 'receiver$' "$TMP/iperf$1" || fail "$(cat "$TMP/iperf$1")"
	no_tcp
}

PYTHON_SERVER='
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
listener = socket.create_server((sys.argv[1], 7602), family=family)
peer, _ = listener.accept()
with peer, peer.makefile("rwb") as stream:
    for line in stream:
        stream.write(line.upper())
        stream.flush()
'
PYTHON_CLIENT='
import socket, sys
with socket.create_connection((sys.argv[1], 7602), timeout=60) as peer:
    for n in range(50):
        peer.sendall(b"line %d\n" % n)
        got = b""
        while not got.endswith(b"\n"):
            got += peer.recv(100)
        assert got == b"LINE %d\n" % n, got
'

python_runs()
{
	local addr
	addr=$(address "$1")
	need python3
	nsenter --net="/run/netns/$B" ttp_run python3 -c "$PYTHON_SERVER" "$addr" &
	until_state "$B" LISTEN 7602
	in_a timeout 100 ttp_run python3 -c "$PYTHON_CLIENT" "$addr" || fail "the client failed"
	wait $! || fail "the server failed"
	no_tcp
}

java_runs()
{
	local addr classes
	need java
	addr=$(address "$1")
	classes=$(dirname "$(command -v ttp_run)")/java
	[ -d "$classes" ] || missing "the Java classes are not built"
	nsenter --net="/run/netns/$B" ttp_run java -Xint -XX:TieredStopAtLevel=1 -cp "$classes" EchoServer 7603 >"$TMP/java-s" 2>&1 &
	until_state "$B" LISTEN 7603
	in_a timeout 150 ttp_run java -Xint -cp "$classes" EchoClient "$addr" 7603 "hello from Java" >"$TMP/java" 2>&1 ||
		fail "$(cat "$TMP/java" "$TMP/java-s")"
	grep -q "hello from Java" "$TMP/java" || fail "$(cat "$TMP/java")"
	no_tcp
}

all()
{
	t nginx_and_curl_v$1 nginx_and_curl "$1"
	t iperf3_v$1 iperf3_runs "$1"
	t python_v$1 python_runs "$1"
	[ "$1" = 6 ] || t java_v$1 java_runs "$1"
}

# Starting programs is what takes the time: minutes on the debug kernel.
[ "${TTP_KERNEL:-}" != debug ] || VERSIONS=4
both_ip all
finish
