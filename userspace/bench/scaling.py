#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""This script says what more CPUs give: the figures of report.py's JSON files, as ratios to the first one's.

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
    print("%-16s %-5s %-9s %9s   %s" % ("case", "", "unit", clocks[0], "  ".join("%12s" % c for c in clocks[1:])))
    for first in files[0]["results"]:
        for proto in ("tcp", "ttp"):
            others = [next((r for r in f["results"] if r["case"] == first["case"] and "ratio" in r), None) for f in files]
            if None in others:
                continue
            values = [r["median"][proto] for r in others]
            print("%-16s %-5s %-9s %9.2f   %s" % (
                first["case"], proto.upper(), first["unit"], values[0] / first["scale"],
                "  ".join("%7.2f %4.2f" % (v / first["scale"], v / values[0]) for v in values[1:])))


main()
