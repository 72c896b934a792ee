#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# This script checks the tools as far as that needs no TTP kernel, and reports in KTAP.
#
#   tests/run_tests.sh DIRECTORY-OF-THE-BUILT-TOOLS
set -u

bin=$(cd "$1" && pwd) || exit 1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

number=0
failed=0

# report NAME COMMAND...: a test passes when its command succeeds; its output is the diagnosis.
report() {
	local name=$1
	shift
	number=$((number + 1))
	if "$@" >"$work/log" 2>&1; then
		echo "ok $number $name"
	else
		sed 's/^/# /' "$work/log"
		echo "not ok $number $name"
		failed=$((failed + 1))
	fi
}

# Draws a trace and compares; the expected file's first line holds the options.
ladder() {
	local expected=$1 options

	options=$(sed -n '1s/^# //p' "$expected")
	# shellcheck disable=SC2086 # options are words
	(cd "$here/ladder" && "$bin/ttp_ladder" -w 100 $options 2>&1) >"$work/drawn"
	tail -n +2 "$expected" | diff -u - "$work/drawn"
}

# status WANTED PATTERN COMMAND...: exit status and error message are as promised.
status() {
	local wanted=$1 pattern=$2 got
	shift 2
	"$@" >"$work/out" 2>&1 </dev/null
	got=$?
	cat "$work/out"
	echo "exit status $got, $wanted wanted"
	[ "$got" -eq "$wanted" ] && grep -q -e "$pattern" "$work/out"
}

preload() {
	TTP_FAMILY=1 LD_PRELOAD=$bin/libttp_preload.so "$bin/.obj/preload_test"
}

# Waits until the server that ttpcat -v started says that it listens.
wait_listening() {
	local tries

	for ((tries = 0; tries < 100; tries++)); do
		grep -q 'listening on' "$1" 2>/dev/null && return 0
		sleep 0.05
	done
	return 1
}

free_port() {
	echo $((20000 + (BASHPID + RANDOM) % 20000))
}

cat_both_ways() {
	local address=$1 port server result
	shift
	port=$(free_port)
	rm -f "$work/server"
	head -c 3000000 /dev/urandom >"$work/up"
	head -c 2000000 /dev/urandom >"$work/down"
	"$bin/ttpcat" --tcp -v -N -l "$@" "$port" <"$work/down" >"$work/up.got" 2>"$work/server" &
	server=$!
	wait_listening "$work/server"
	"$bin/ttpcat" --tcp -N -w 10 "$address" "$port" <"$work/up" >"$work/down.got"
	result=$?
	wait "$server" || result=1
	cat "$work/server"
	cmp "$work/up" "$work/up.got" && cmp "$work/down" "$work/down.got" && [ "$result" -eq 0 ]
}

# The client's half ends first; the answer comes after that.
cat_half_close() {
	local port server answer
	port=$(free_port)
	rm -f "$work/server"
	mkfifo "$work/answer"
	"$bin/ttpcat" --tcp -v -N -l "$port" <"$work/answer" >"$work/asked" 2>"$work/server" &
	server=$!
	# Open the pipe, so that the server starts; answer only when the question has ended.
	exec 3>"$work/answer"
	wait_listening "$work/server"
	"$bin/ttpcat" --tcp -N -w 10 127.0.0.1 "$port" <<<question >"$work/answered" 3>&- &
	for ((tries = 0; tries < 100; tries++)); do
		[ -s "$work/asked" ] && break
		sleep 0.05
	done
	echo "answer to $(cat "$work/asked")" >&3
	exec 3>&-
	wait "$server" "$!" || return 1
	answer=$(cat "$work/answered")
	echo "got: $answer"
	[ "$answer" = "answer to question" ]
}

cat_keep() {
	local port server i
	port=$(free_port)
	rm -f "$work/server"
	"$bin/ttpcat" --tcp -v -k -l "$port" </dev/null >"$work/kept" 2>"$work/server" &
	server=$!
	wait_listening "$work/server"
	for i in 1 2 3; do
		# The server ends its half only when it closes; do not wait for that.
		echo "$i" | "$bin/ttpcat" --tcp -N -w 1 127.0.0.1 "$port"
	done
	for ((i = 0; i < 100; i++)); do
		[ "$(wc -l <"$work/kept")" -eq 3 ] && break
		sleep 0.05
	done
	kill "$server"
	wait "$server" 2>/dev/null
	cat "$work/server"
	[ "$(tr -d '\n' <"$work/kept")" = 123 ]
}

drawings=("$here"/ladder/*.txt)
echo "KTAP version 1"
echo "1..$((${#drawings[@]} + 18))"
for drawing in "${drawings[@]}"; do
	report "ladder_$(basename "$drawing" .txt)" ladder "$drawing"
done
report ladder__no_connection status 1 'no TTP connection' "$bin/ttp_ladder" -i /dev/null
report ladder__no_file status 1 'No such file' "$bin/ttp_ladder" -i "$work/none"
report ladder__usage status 2 usage "$bin/ttp_ladder"
report ladder__width status 2 'not a number' "$bin/ttp_ladder" -w 10 -i /dev/null
report preload__calls preload
report ttp_run__help status 0 'statically linked' "$bin/ttp_run" --help
report ttp_run__nothing status 125 usage "$bin/ttp_run"
report ttp_run__not_found status 127 'command not found' "$bin/ttp_run" no-such-program
report ttp_run__no_file status 127 'no such file' "$bin/ttp_run" ./no-such-program
report ttp_run__directory status 126 'is a directory' "$bin/ttp_run" /tmp/
report ttp_run__builtin status 127 'command not found' "$bin/ttp_run" shopt
report ttp_run__not_executable status 126 'not executable' "$bin/ttp_run" "$here/ladder/exchange.trace"
report ttpcat__usage status 2 'needs a host' "$bin/ttpcat"
report ttpcat__refused status 1 'Connection refused' "$bin/ttpcat" --tcp 127.0.0.1 1
report ttpcat__both_ways_v4 cat_both_ways 127.0.0.1 -4
if [ -e /proc/net/if_inet6 ]; then
	report ttpcat__both_ways_v6 cat_both_ways ::1
else
	number=$((number + 1))
	echo "ok $number ttpcat__both_ways_v6 # SKIP no IPv6"
fi
report ttpcat__half_close cat_half_close
report ttpcat__keep cat_keep
echo "# Totals: pass:$((number - failed)) fail:$failed"
[ "$failed" -eq 0 ]
