#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""This script says what more CPUs give: the figures of report.py's JSON files, medians with the least and the most, and ratios
to the first file's.

usage: scaling.py FILE.json FILE.json...
"""
import json
import sys


def figures(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    files = [figures(path) for path in sys.argv[1:]]
    clocks = [f["meta"]["clock"].replace("wall, ", "") for f in files]
    line = "%-16s %-5s %-5s %s"
    print(line % ("case", "", "unit", "  ".join("%-26s" % c for c in clocks).rstrip()))
    for first in files[0]["results"]:
        for proto in ("tcp", "ttp"):
            found = [next((r for r in f["results"] if r["case"] == first["case"] and "ratio" in r), None) for f in files]
            if None in found:
                continue
            base = first["median"][proto]
            cells = ["%7.2f %4.2f %-13s" % (r["median"][proto] / r["scale"], r["median"][proto] / base,
                                            "%.2f..%.2f" % tuple(v / r["scale"] for v in r["range"][proto])) for r in found]
            print(line % (first["case"], proto.upper(), first["unit"], "  ".join(cells).rstrip()))


main()
