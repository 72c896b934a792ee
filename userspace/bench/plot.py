#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""This script draws the figures of report.py's JSON file with gnuplot, as SVG.

usage: plot.py FILE.json DIRECTORY

ratios.svg: TTP/TCP of each case.  throughput.svg: bulk data of all protocols.  latency.svg: the distribution of round trips
and of connections.  CASE.svg, of each case that runs for a time: goodput and congestion window over that time, of the first
run of both.
"""
import json
import os
import subprocess
import sys

HEAD = """set terminal svg size %d,%d font "sans,12" background "white"
set output "%s"
set grid
set offsets graph 0, graph 0, graph 0.05, graph 0
"""
COLOURS = {"tcp": "#888888", "ttp": "#d04000", "mptcp": "#4070c0", "sctp": "#50a050"}
SAMPLE_S = 0.1


def gnuplot(script):
    done = subprocess.run(["gnuplot"], input=script, text=True, stderr=subprocess.PIPE, check=False)
    if done.returncode or done.stderr:
        sys.exit("plot.py: gnuplot: " + (done.stderr.strip() or "failed"))


def block(name, rows):
    return "$%s << EOD\n%s\nEOD\n" % (name, "\n".join(" ".join(str(v) for v in row) for row in rows))


def numbers(run, key):
    return [float(v) for v in str(run.get(key, "")).split(",") if v]


def ratios(results, path):
    rows = [(i, '"%s"' % r["case"], r["ratio"], r["min"], r["max"])
            for i, r in enumerate(r for r in results if "ratio" in r)]
    if not rows:
        return
    gnuplot(HEAD % (900, 480, path) + block("d", rows) + """
set title "TTP/TCP in one boot (idle: memory, flood: time; less is better)"
set ylabel "ratio"
set yrange [0:*]
set xrange [-0.7:%d.7]
set xtics rotate by -45
set style fill solid 0.6
set boxwidth 0.7
plot $d using 1:3:xtic(2) with boxes linecolor rgb "%s" notitle, \\
     $d using 1:3:4:5 with yerrorbars linecolor rgb "black" pointtype 0 notitle, \\
     1 linecolor rgb "black" notitle
""" % (len(rows) - 1, COLOURS["ttp"]))


def throughput(results, path):
    """The median of each protocol, side by side; a protocol that was not measured leaves a gap."""
    chosen = [r for r in results if r.get("mode") in ("bulk", "streams", "timed") and "ratio" in r]
    if not chosen:
        return
    rows = [[i, '"%s"' % r["case"]] + [r["median"][p] / r["scale"] if r["median"][p] else "NaN" for p in COLOURS]
            for i, r in enumerate(chosen)]
    bars = ", ".join('$d using ($1+%.1f):%d%s with boxes linecolor rgb "%s" title "%s"' % (
        0.2 * n - 0.3, n + 3, ":xtic(2)" if not n else "", COLOURS[p], p.upper()) for n, p in enumerate(COLOURS))
    gnuplot(HEAD % (900, 480, path) + block("d", rows) + """
set title "Throughput"
set ylabel "MB/s"
set logscale y
set xrange [-0.7:%d.7]
set xtics rotate by -45
set style fill solid 0.6
set boxwidth 0.2
set key outside right
plot %s
""" % (len(rows) - 1, bars))


def latency(runs, clock, path):
    lines, data = [], ""
    for number, run in enumerate(r for r in runs if "percentiles" in r and r["turn"] <= 2 and r["round"] == 1):
        data += block("d%d" % number, ((ns / 1e3, i) for i, ns in enumerate(numbers(run, "percentiles"))))
        lines.append('$d%d using 1:2 with steps linewidth 2 dashtype %d linecolor rgb "%s" title "%s %s"' % (
            number, number // 2 + 1, COLOURS[run["proto"]], run["case"], run["proto"]))
    if not lines:
        return
    gnuplot(HEAD % (900, 480, path) + data + """
set title "How long one round trip takes (crr: with its connection)"
set xlabel "%s"
set ylabel "percent that take no longer"
set logscale x
set key outside right
plot """ % ("microseconds" if clock.startswith("wall") else "thousand instructions of the VM") + ", ".join(lines) + "\n")


def over_time(case, runs, path):
    data, goodput, cwnd = "", [], []
    for run in runs:
        points = numbers(run, "goodput")
        window = numbers(run, "cwnd")
        data += block(run["proto"], ((i * SAMPLE_S, v / SAMPLE_S / 1e6, window[i] or "NaN")
                                     for i, v in enumerate(points)))
        line = '$%s using 1:%%d with lines linecolor rgb "%s" title "%s"' % (
            run["proto"], COLOURS[run["proto"]], run["proto"].upper())
        goodput.append(line % 2)
        cwnd.append(line % 3)
    if not goodput:
        return
    gnuplot(HEAD % (900, 600, path) + data + """
set multiplot layout 2,1 title "%s"
set ylabel "goodput, MB/s"
set yrange [0:*]
plot %s
set xlabel "seconds"
set ylabel "congestion window, segments"
plot %s
unset multiplot
""" % (case, ", ".join(goodput), ", ".join(cwnd)))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as f:
        figures = json.load(f)
    directory = sys.argv[2]
    os.makedirs(directory, exist_ok=True)
    ratios(figures["results"], os.path.join(directory, "ratios.svg"))
    throughput(figures["results"], os.path.join(directory, "throughput.svg"))
    latency(figures["runs"], figures["meta"].get("clock", ""), os.path.join(directory, "latency.svg"))
    for case in dict.fromkeys(r["case"] for r in figures["runs"] if r.get("goodput")):
        runs = [r for r in figures["runs"] if r["case"] == case and r["round"] == 1 and r["turn"] <= 2 and "goodput" in r]
        over_time(case, runs, os.path.join(directory, case.replace("%", "") + ".svg"))


main()
