# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
"""Medians, bootstrap intervals and Markdown tables for proxies.py."""

import csv
import random
import statistics

N_RESAMPLES = 2000


def interval(values):
    """The 95 % bootstrap interval of the median; the same for the same values."""
    source = random.Random(1)
    medians = sorted(
        statistics.median(source.choices(values, k=len(values))) for _ in range(N_RESAMPLES)
    )
    return medians[int(0.025 * N_RESAMPLES)], medians[int(0.975 * N_RESAMPLES) - 1]


def short(value):
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def cell(values):
    """Median, the interval of the median, and the range."""
    if not values:
        return "–"
    median = short(statistics.median(values))
    if len(values) < 3:
        return median
    low, high = interval(values)
    return f"{median} [{short(low)}–{short(high)}]"


def print_table(title, names, rows):
    """rows: a list of (label, {name: values})."""
    print(f"\n**{title}**\n")
    print("| | " + " | ".join(names) + " |")
    print("|---|" + "---|" * len(names))
    for label, values in rows:
        print(f"| {label} | " + " | ".join(cell(values.get(name, [])) for name in names) + " |")


class Record:
    """Every single measurement; kept as CSV so that others can work with them."""

    def __init__(self):
        self.rows = []

    def add(self, scenario, case, peer, run, **figures):
        for metric, value in figures.items():
            self.rows.append((scenario, case, peer, run, metric, value))

    def values(self, scenario, case, metric):
        """{peer: [values]}"""
        result = {}
        for row in self.rows:
            if row[:2] == (scenario, case) and row[4] == metric:
                result.setdefault(row[2], []).append(row[5])
        return result

    def added(self, scenario, case, metric, base="direct"):
        """What each peer adds to the way without it, run by run."""
        values = self.values(scenario, case, metric)
        bases = values.pop(base, [])
        return {
            peer: [value - zero for value, zero in zip(own, bases)] for peer, own in values.items()
        }

    def save(self, path):
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("scenario", "case", "peer", "run", "metric", "value"))
            writer.writerows(self.rows)
