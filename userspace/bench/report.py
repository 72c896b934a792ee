#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""This script turns the lines of guest.sh into a table of ratios TTP/TCP and, with -j, into a JSON file.

usage: report.py [-j FILE] [-m KEY=VALUE]... LINES

A round gives one ratio per case: the geometric mean of its two TTP runs over that of its two TCP runs. The noise is
TCP's second run over its first one ("-" if there was one), a ratio that would be 1 if nothing but the protocol mattered; a case whose noise
is beyond its limit is marked with "!", and its ratio is worth no more than that.  Other protocols are measured once.
"""
import json
import math
import statistics
import sys

# mode: (figure of one run, unit, scale for the table, tolerated noise)
FIGURES = {
    "bulk": (lambda r: r["bytes"] / r["ns"] * 1e9, "MB/s", 1e6, 0.02),
    "timed": (lambda r: r["received"] / r["server_ns"] * 1e9, "MB/s", 1e6, 0.05),
    "rr": (lambda r: r["count"] / r["ns"] * 1e9, "k/s", 1e3, 0.005),
    "crr": (lambda r: r["count"] / r["ns"] * 1e9, "k/s", 1e3, 0.005),
    "streams": (lambda r: r["bytes"] / r["ns"] * 1e9, "MB/s", 1e6, 0.02),
    "active": (lambda r: r["count"] / r["ns"] * 1e9, "k/s", 1e3, 0.005),
    "pairs": (lambda r: r["count"] / r["ns"] * 1e9, "k/s", 1e3, 0.02),
    "accept": (lambda r: r["count"] / r["ns"] * 1e9, "k/s", 1e3, 0.005),
    "idle": (lambda r: r["slab"], "KB a pair", 1e3, 0.02),
    "paced": (lambda r: r.get("p50", 0), "ms", 1e6, 0.05),
}
# Of these less is better; the ratio is TTP/TCP all the same.
LESS_IS_BETTER = ("idle", "paced")
# A silence on a link without loss that lasts this long is worth a line.
STALL_NS = 150e6


def parse(path):
    runs = []
    for line in open(path, encoding="utf-8"):
        if not line.startswith("round="):
            continue
        run = dict(word.split("=", 1) for word in line.split())
        for key, value in run.items():
            try:
                run[key] = float(value) if "." in value else int(value)
            except ValueError:
                pass
        runs.append(run)
    return runs


def geometric(values):
    return math.exp(statistics.fmean(math.log(v) for v in values))


def interval(ratios):
    """The 95 % interval of the mean, by Student's t on the logarithms."""
    t = {2: 12.71, 3: 4.30, 4: 3.18, 5: 2.78, 6: 2.57, 7: 2.45, 8: 2.36, 9: 2.31, 10: 2.26}
    if len(ratios) < 2:
        return None
    logs = [math.log(r) for r in ratios]
    half = t.get(len(logs), 2.0) * statistics.stdev(logs) / math.sqrt(len(logs))
    return [math.exp(statistics.fmean(logs) - half), math.exp(statistics.fmean(logs) + half)]


def summarise(name, runs):
    mode = next((r["mode"] for r in runs if "mode" in r), None)
    errors = ["%s in round %s: %s" % (r["proto"], r["round"], r["error"]) for r in runs if "error" in r]
    if not mode:
        return {"case": name, "errors": errors}
    figure, unit, scale, tolerance = FIGURES[mode]
    values, ratios, noise = {"tcp": [], "ttp": [], "mptcp": [], "sctp": []}, [], []
    for number in sorted({r["round"] for r in runs}):
        mine = {proto: [] for proto in values}
        for run in sorted((r for r in runs if r["round"] == number), key=lambda r: r["turn"]):
            if "error" not in run and figure(run) > 0:
                mine[run["proto"]].append(figure(run))
        for proto in mine:
            values[proto] += mine[proto]
        if mine["tcp"] and mine["ttp"]:
            ratios.append(geometric(mine["ttp"]) / geometric(mine["tcp"]))
        if len(mine["tcp"]) == 2:
            noise.append(mine["tcp"][1] / mine["tcp"][0])
    result = {"case": name, "mode": mode, "unit": unit, "scale": scale, "tolerance": tolerance, "errors": errors,
              "less_is_better": mode in LESS_IS_BETTER, "ratios": ratios,
              "median": {p: statistics.median(v) if v else None for p, v in values.items()},
              "range": {p: [min(v), max(v)] if v else None for p, v in values.items()}}
    if ratios:
        result.update(ratio=geometric(ratios), min=min(ratios), max=max(ratios), interval=interval(ratios))
    if noise:
        result.update(noise=geometric(noise), quiet=abs(geometric(noise) - 1) <= tolerance)
    return result


def stalls(runs):
    """Waits that no link explains: the program was neither computing nor was the path lossy."""
    for run in runs:
        if "error" in run or run["mode"] == "timed" and not run["case"].endswith("-0%"):
            continue
        gap = max(run.get("gap", 0), run.get("max", 0))
        if gap >= STALL_NS:
            yield "%s, %s, round %s: nothing moved for %.0f ms" % (run["case"], run["proto"], run["round"], gap / 1e6)


def unanswered(runs):
    """Connections that a flood kept from being served."""
    for run in runs:
        if run.get("mode") == "paced" and run["good"] < run["count"]:
            yield "%s, %s, round %s: %d of %d connected" % (run["case"], run["proto"], run["round"], run["good"], run["count"])


def table(results):
    yield "%-16s %-9s %9s %9s   %-7s %-15s %s" % ("case", "unit", "TCP", "TTP", "TTP/TCP", "min..max", "TCP/TCP")
    for r in results:
        if "ratio" not in r:
            yield "%-16s failed" % r["case"]
            continue
        mark = "" if r.get("quiet", True) else " ! noisy"
        yield "%-16s %-9s %9.2f %9.2f   %-7.2f %-15s %s%s" % (
            r["case"], r["unit"], r["median"]["tcp"] / r["scale"], r["median"]["ttp"] / r["scale"], r["ratio"],
            "%.3f..%.3f" % (r["min"], r["max"]), "%.4f" % r["noise"] if "noise" in r else "-", mark)


def others(results):
    """What MPTCP and SCTP do, as a ratio to TCP."""
    rows = [r for r in results if "ratio" in r and (r["median"]["mptcp"] or r["median"]["sctp"])]
    if rows:
        yield "%-16s %-9s %9s %9s %9s   %9s %9s %9s" % (
            "case", "unit", "MPTCP", "SCTP", "TTP", "MPTCP/TCP", "SCTP/TCP", "TTP/TCP")
    for r in rows:
        figures = [r["median"][proto] for proto in ("mptcp", "sctp", "ttp")]
        yield "%-16s %-9s %s   %s" % (
            r["case"], r["unit"], " ".join("%9.2f" % (f / r["scale"]) if f else "%9s" % "-" for f in figures),
            " ".join("%9.2f" % (f / r["median"]["tcp"]) if f else "%9s" % "-" for f in figures))


def main():
    meta, out, args = {}, None, sys.argv[1:]
    while args and args[0] in ("-j", "-m"):
        if args[0] == "-j":
            out = args[1]
        else:
            key, value = args[1].split("=", 1)
            meta[key] = value
        args = args[2:]
    if len(args) != 1:
        sys.exit(__doc__)
    runs = parse(args[0])
    names = list(dict.fromkeys(r["case"] for r in runs))
    results = [summarise(name, [r for r in runs if r["case"] == name]) for name in names]
    print("\n".join(table(results)))
    beside = list(others(results))
    if beside:
        print("\n" + "\n".join(beside))
    remarks = [e for r in results for e in ("%s: %s" % (r["case"], e) for e in r["errors"])] + list(stalls(runs)) + list(
        unanswered(runs))
    for remark in remarks:
        print("  " + remark)
    if out:
        with open(out, "w", encoding="utf-8") as f:
            json.dump({"meta": meta, "results": results, "remarks": remarks, "runs": runs}, f, indent=1)
            f.write("\n")
    # Whether the others can do it is not ours: that is a remark.
    sys.exit(not results or any("ratio" not in r for r in results) or any("error" in r and r["proto"] in ("tcp", "ttp") for r in runs))


main()
