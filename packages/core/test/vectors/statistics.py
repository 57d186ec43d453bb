"""Writes statistics.jsonl: percentiles and variances as numpy computes them, for transforms/statistics.test.ts.

    pip install numpy && python statistics.py > statistics.jsonl

Percentiles are numpy's `inverted_cdf`, PostgreSQL's percentile_disc; where numpy's share is not the decimal one (0.999 * 1000), exact
fractions decide, and agree with numpy everywhere else. Variances are of the population, exact, and agree with numpy's but for its rounding.
"""

import json
import random
import sys
from fractions import Fraction

import numpy

PERCENTILES = ["0", "1", "5", "12.5", "25", "33.3", "50", "66.7", "75", "90", "95", "99", "99.9", "99.99", "100"]
differing = 0


def exact(counts, percent):
    """The smallest value whose share of the times at or below it is at least that many percent."""
    total = sum(Fraction(times) for _, times in counts)
    below = Fraction(0)
    for value, times in sorted(counts):
        below += Fraction(times)
        if below * 100 >= total * Fraction(percent):
            return value
    raise AssertionError


def percentiles(counts):
    global differing
    values = numpy.array([value for value, _ in counts])
    weights = numpy.array([times for _, times in counts])
    found = {}
    for percent in PERCENTILES:
        expected = exact(counts, percent)
        if all(float(times).is_integer() for times in weights) and weights.sum() < 5_000:
            repeated = numpy.repeat(values, weights.astype(int))
            theirs = numpy.quantile(repeated, float(Fraction(percent) / 100), method="inverted_cdf")
        else:
            theirs = numpy.quantile(values, float(Fraction(percent) / 100), method="inverted_cdf", weights=weights)
        if theirs != expected:
            differing += 1
            share = Fraction(percent) / 100 * sum(Fraction(times) for times in weights)
            below = sum(Fraction(times) for value, times in counts if value <= min(float(theirs), expected))
            assert abs(below - share) < share * Fraction(1, 10**12), (counts, percent, theirs, expected)
        found["p" + percent] = expected
    return found


def variance_of(counts):
    """Exact; numpy's is checked against it, which rounds the mean."""
    total = sum(Fraction(times) for _, times in counts)
    mean = sum(Fraction(value) * Fraction(times) for value, times in counts) / total
    variance = sum((Fraction(value) - mean) ** 2 * Fraction(times) for value, times in counts) / total
    values = numpy.array([value for value, _ in counts], dtype=numpy.longdouble)
    weights = numpy.array([times for _, times in counts], dtype=numpy.longdouble)
    theirs = numpy.average((values - numpy.average(values, weights=weights)) ** 2, weights=weights)
    coarse = max(abs(value) for value, _ in counts) * 1e-19
    assert abs(theirs - numpy.longdouble(float(variance))) <= 1e-14 * theirs + coarse**2 * 4, counts
    return variance


def vector(kind, counts):
    variance = variance_of(counts)
    line = {
        "kind": kind,
        "counts": counts,
        "percentiles": percentiles(counts),
        "variance": float(variance),
        "stddev": float(numpy.sqrt(numpy.longdouble(float(variance)))),
    }
    print(json.dumps(line, separators=(",", ":")))


def main():
    rng = random.Random(17)
    values = {
        "small": lambda: rng.randint(-9, 9),
        "normal": lambda: rng.gauss(20, 5),
        "skewed": lambda: rng.lognormvariate(0, 2),
        "moments": lambda: 1_700_000_000 + rng.randint(0, 999) / 8,
        "offset": lambda: 1e15 + rng.randint(0, 9),
        "huge": lambda: rng.uniform(-1, 1) * 1e150,
        "tiny": lambda: rng.uniform(-1, 1) * 1e-150,
    }
    times = {
        "once": lambda: 1,
        "times": lambda: rng.randint(1, 40),
        "many": lambda: rng.randint(1, 2**40),
        "fractions": lambda: rng.choice([0.1, 0.2, 0.3, 0.5, 1.25]),
    }
    for value_kind, value in values.items():
        for times_kind, count in times.items():
            for size in (1, 2, 3, 4, 7, 20):
                counts = list({value(): count() for _ in range(size)}.items())
                vector(f"{value_kind} {times_kind}", counts)
    # Where a share falls exactly on a value.
    for size in (10, 100, 1000):
        vector("exact once", [(value, 1) for value in range(1, size + 1)])

    print(f"{differing} percentiles where numpy's share is rounded", file=sys.stderr)


main()
