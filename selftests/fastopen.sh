#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# This script lets curl, which knows Fast Open as TCP's, use it over TTP with a
# server that does not; also when its SYN with data is lost.
. "$(dirname "$0")/lib.sh"

[ "$TTP_FAMILY" = ttp ] || { echo "1..0 # SKIP ttp_run knows only TTP"; exit 4; }
DEADLINE=120		# interpreters start slowly where the machine is emulated


start_server()
{
	need python3
	need curl
	WEB=$TMP/web-$1
	mkdir -p "$WEB"
	echo "a page" >"$WEB/page"
	if [ "$1" = 6 ]; then ADDR=$B6 URL="http://[$B6]:7650/page"; else ADDR=$B4 URL=http://$B4:7650/page; fi
	sysctl_set fastopen $((0x403))
	nsenter --net="/run/netns/$B" ttp_run python3 -m http.server 7650 --bind "$ADDR" --directory "$WEB" >"$WEB/log" 2>&1 &
	SERVER=$!
	until_state "$B" LISTEN 7650
}

fetch()
{
	[ "$(in_a ttp_run curl -sS -f -g --max-time 100 --tcp-fastopen "$URL")" = "a page" ] ||
		fail "no page: $(cat "$WEB/log")"
}

# moved HOST COUNTER N COMMAND...: the command moves it by so much.
moved()
{
	local before
	before=$(counter "$1" "$2")
	"${@:4}"
	[ $(($(counter "$1" "$2") - before)) = "$3" ] || fail "$2: from $before to $(counter "$1" "$2"), expected $3 more"
}

curl_opens_fast()
{
	start_server "$1"
	moved "$B" TtpFastOpenCookieReqd 1 fetch
	moved "$A" TtpFastOpenActive 1 moved "$B" TtpFastOpenPassive 1 fetch
	moved "$A" TtpFastOpenActive 1 moved "$B" TtpFastOpenPassive 1 fetch
	# the first SYN does not arrive: the request follows the handshake
	drop_nth "$B" $SYN 1
	moved "$A" TtpFastOpenActiveFail 1 moved "$B" TtpFastOpenPassive 0 fetch
	[ "$(dropped "$B")" = 1 ] || fail "$(dropped "$B") segments were lost, not 1"
	drop_none
	# the first SYN+ACK does not: its repetition says that the data has come
	drop_nth "$A" $((0x12)) 1
	moved "$A" TtpFastOpenActive 1 moved "$B" TtpFastOpenPassive 1 fetch
	drop_none
	kill $SERVER
	wait $SERVER 2>/dev/null
	[ "$(in_b awk '/^Tcp: [0-9]/ { print $11 + $12 }' /proc/net/snmp)" = 0 ] || fail "kernel TCP was in use"
}

all() { t curl_opens_fast_v$1 curl_opens_fast "$1"; }

# Starting programs is what takes the time: minutes on the debug kernel.
[ "${TTP_KERNEL:-}" != debug ] || VERSIONS=6
both_ip all
finish
