#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""This script turns the counts of tools/vm/count.c into tables: instructions for each operation, by function.

usage: profile.py [-n LINES] DIRECTORY

DIRECTORY has the counts, the lines of guest.sh and the symbols of the kernel that ran. An operation is a round trip, a
connection, or 64 KiB of payload. The counts of warm-up come first and are left out: every line has one span, the last
line the last one. Of the two runs of each protocol the average is shown.
"""
import bisect
import collections
import re
import sys

CHUNK = 65536
# What kernel TCP has of its own; what TTP has is what its module has.
TCP = re.compile(r"^_*(tcp|inet_csk|inet_twsk|inet_ehash|inet_hash|inet_bhash|inet_unhash|inet_lookup|inet_reqsk|inet_put_port"
                 r"|inet_bind_bucket|inet6?_csk|reqsk|cubictcp|bictcp|bbr|sk_stream|secure_tcp|cookie_|inet_rtx|inet_release_cb)")


def read_symbols(path):
    found = []
    for line in open(path, encoding="utf-8"):
        addr, kind, name = line.split()[:3]
        if kind in "tTwW":
            module = line.split()[3] if "[" in line else ""
            found.append((int(addr, 16), name, module))
    found.sort(key=lambda s: s[0])
    return [s[0] for s in found], found


def read_spans(path):
    spans = []
    for line in open(path, encoding="utf-8"):
        if line == "span\n":
            spans.append({})
        else:
            addr, count = line.split()
            spans[-1][int(addr, 16)] = int(count)
    return spans


def by_function(span, symbols):
    starts, names = symbols
    sums = collections.Counter()
    for addr, count in span.items():
        if addr < 1 << 63:
            sums["user", ""] += count
            continue
        at = bisect.bisect_right(starts, addr) - 1
        sums[names[at][1:] if at >= 0 else ("unknown", "")] += count
    return sums


def operations(run):
    return int(run["count"]) if "count" in run else int(run.get("bytes", run.get("received", 0))) / CHUNK


def whose(name, module):
    if module == "[ttp]" or TCP.match(name):
        return "the protocol's own"
    return "programs" if name == "user" else "the kernel's"


def show(case, runs, symbols, most):
    sums = {"tcp": collections.Counter(), "ttp": collections.Counter()}
    for proto, mine in sums.items():
        chosen = [r for r in runs if r["proto"] == proto]
        for run in chosen:
            for function, count in by_function(run["span"], symbols).items():
                mine[function] += count / operations(run) / len(chosen)
    tcp, ttp = sums["tcp"], sums["ttp"]
    unit = "64 KiB" if "bytes" in runs[0] or "received" in runs[0] else "operation"
    print("%s: instructions for each %s" % (case, unit))
    line = "%9.0f %9.0f %+9.0f  %s"
    print("%9s %9s %9s" % ("TCP", "TTP", "more"))
    parts = {}
    for function in set(tcp) | set(ttp):
        part = parts.setdefault(whose(*function), [0, 0])
        part[0] += tcp[function]
        part[1] += ttp[function]
    for part in sorted(parts):
        print(line % (*parts[part], parts[part][1] - parts[part][0], part))
    a, b = sum(tcp.values()), sum(ttp.values())
    print(line % (a, b, b - a, "in all: TTP/TCP %.3f" % (a / b)))
    print()
    functions = sorted(set(tcp) | set(ttp), key=lambda f: (-max(tcp[f], ttp[f]), f))
    for f in functions[:most]:
        print(line % (tcp[f], ttp[f], ttp[f] - tcp[f], " ".join(f).strip()))
    print()


def main():
    args, most = sys.argv[1:], 60
    if args[:1] == ["-n"]:
        most, args = int(args[1]), args[2:]
    if len(args) != 1:
        sys.exit(__doc__)
    symbols = read_symbols(args[0] + "/symbols")
    runs = [dict(w.split("=", 1) for w in line.split()) for line in open(args[0] + "/lines", encoding="utf-8")]
    spans = read_spans(args[0] + "/counts")
    if any("error" in r for r in runs) or not runs or len(spans) < len(runs):
        sys.exit("a measurement failed: see %s/lines" % args[0])
    for run, span in zip(runs, spans[-len(runs):]):
        run["span"] = span
    for case in dict.fromkeys(r["case"] for r in runs):
        show(case, [r for r in runs if r["case"] == case], symbols, most)


main()
