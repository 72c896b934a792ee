#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# This script plays the dialogues over TTP and, as a check on both the tester
# and TTP, over kernel TCP; then scripts with mistakes, to test the tester.
. "$(dirname "$0")/lib.sh"

# play FAMILY: each dialogue is a test, "FAMILY NAME_v4" and "FAMILY NAME_v6".
play()
{
	local line
	while IFS= read -r line; do
		case $line in
		"ok "*"# SKIP "*)	line=${line#ok * }; result 4 "$1 ${line%% *}" "${line#*# SKIP }" ;;
		"ok "*)			result 0 "$1 ${line#ok * }" ;;
		"not ok "*)		result 1 "$1 ${line#not ok * }" ;;
		"TAP "* | 1..*)		;;
		*)			note "$1 ${line#\# }" ;;
		esac
	done < <(dlg -F "$1" "$HERE"/dialogues/*.dlg 2>&1 || [ $? = 1 ] || echo "not ok 0 tester")
}

# mistake FILE: its second line says "# STATUS TEXT": with what status dlg must
# end, having said what. Those that cannot be read (2) are for tools/checks/dialogues.
mistake()
{
	local status text out got name=mistake_${1##*/}
	{ read -r _; read -r _ status text; } <"$1"
	[ "$status" != 2 ] || return
	out=$(DLG_DEADLINE=500 dlg -4 -F "$TTP_FAMILY" "$1" 2>&1)
	got=$?
	if [ "$got" = "$status" ] && [[ $out == *"$text"* ]]; then
		result 0 "${name%.dlg}"
	else
		note "status $got, expected $status and \"$text\": $out"
		result 1 "${name%.dlg}"
	fi
}

case $TTP_FAMILY in
tcp)	families=tcp ;;
*)	families="ttp tcp" ;;
esac
# what TCP does there is no news; on the others all of them, over both
if [ "${TTP_KERNEL:-}" = debug ]; then families=$TTP_FAMILY; else unset TTP_HALF; fi
for family in $families; do
	play $family
done
for file in "$HERE"/dialogues/mistakes/*.dlg; do
	mistake "$file"
done
finish
