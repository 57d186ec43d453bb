"""Writes vectors/sketches.jsonl: summaries, distributions and uniques, answered from the values themselves and from the papers' definitions.

    python sketches.py > ../../vectors/sketches.jsonl

The bins are those of DDSketch (Masson, Rim, Lee, VLDB 2019, section 2.1) in 40 decimal digits; the registers those of HyperLogLog over MurmurHash3
(x86, 128 bits); the estimate is algorithm 6 of Ertl (arXiv 1702.01284) in fractions and 40 digits.

Compared once with other implementations: of 20,000 numbers, each had the bin of LogarithmicMapping in ddsketch 3.0.1, plus 2^14, and of 20,000 texts and bytes,
each had the hash of mmh3 5.3.1.
"""

import json
import random
import struct
from decimal import Decimal, getcontext
from fractions import Fraction
from math import ceil, fsum

getcontext().prec = 40
NOW = 1_700_000_000
HOUR, DAY = 3600, 86_400
INTERVALS = [["minute", {"step": 60}], ["day", {"step": "daily", "resolution": "1h"}]]
ACCURACY = Decimal("0.01")
GAMMA = (1 + ACCURACY) / (1 - ACCURACY)
PERCENTILES = ["p0", "p1", "p25", "p50", "p90", "p99", "p99.9", "p100"]
MASK = 0xFFFFFFFF


# ---- distributions

def bin_of(value):
    size = abs(Decimal(value))
    if size < Decimal("1e-9"):
        return 0
    exact = size.ln() / GAMMA.ln()
    index = int(exact.to_integral_value(rounding="ROUND_CEILING"))
    # No value of the vectors is so near to a limit that 16 digits could take it for the other side.
    assert exact == index or min(index - exact, exact - index + 1) > Decimal("1e-9"), value
    return (index + 2**14) * (1 if value > 0 else -1)


def shown(number):
    if number == 0:
        return 0
    size = 2 * GAMMA ** (abs(number) - 2**14) / (1 + GAMMA)
    return float(size) if number > 0 else -float(size)


def bins_of(values):
    counts = {}
    for value in values:
        counts[bin_of(value)] = counts.get(bin_of(value), 0) + 1
    return dict(sorted(counts.items()))


def distribution(name, values, seconds):
    if name == "count":
        return len(values)
    if name == "rate":
        return len(values) / seconds
    ordered = [shown(bin_of(value)) for value in sorted(values)]
    if name == "sum":
        return fsum(ordered)
    if not ordered:
        return None
    if name == "mean":
        return fsum(ordered) / len(ordered)
    if name == "range":
        return ordered[-1] - ordered[0]
    if name in ("min", "max"):
        return ordered[0 if name == "min" else -1]
    return ordered[max(1, ceil(Fraction(name[1:]) / 100 * len(ordered))) - 1]


# ---- summaries

def summary_of(written):
    """Of (moment, value) in the order of arrival."""
    if not written:
        return None
    values = [value for _, value in written]
    latest = max(moment for moment, _ in written)
    last = [value for moment, value in written if moment == latest][-1]
    numbers = {"count": len(values), "sum": fsum(values), "min": min(values), "max": max(values)}
    return {**numbers, "last": last, "lastAt": latest}


def summary(name, written, seconds):
    found = summary_of(written)
    if not found:
        return 0 if name in ("count", "rate", "sum") else None
    made = {"rate": found["count"] / seconds, "mean": found["sum"] / found["count"], "range": found["max"] - found["min"]}
    return {**found, **made}[name]


# ---- uniques

def rotl(word, bits):
    return ((word << bits) | (word >> (32 - bits))) & MASK


def fmix(word):
    for factor, shift in ((0x85EBCA6B, 16), (0xC2B2AE35, 13)):
        word = ((word ^ (word >> shift)) * factor) & MASK
    return word ^ (word >> 16)


def murmur3(data, seed):
    """All 128 bits of x86_128, as four words."""
    keys = [(0x239B961B, 15, 0xAB0E9789), (0xAB0E9789, 16, 0x38B34AE5), (0x38B34AE5, 17, 0xA1E38B93), (0xA1E38B93, 18, 0x239B961B)]
    steps = [(19, 0x561CCD1B), (17, 0x0BCAA747), (15, 0x96CD1C35), (13, 0x32AC3B17)]
    state = [seed] * 4

    def mix(lane, word):
        first, turn, second = keys[lane]
        return rotl(word * first & MASK, turn) * second & MASK

    whole = len(data) // 16 * 16
    for block in struct.iter_unpack("<4I", data[:whole]):
        for lane, word in enumerate(block):
            turn, constant = steps[lane]
            word = rotl(state[lane] ^ mix(lane, word), turn) + state[(lane + 1) % 4]
            state[lane] = (word * 5 + constant) & MASK
    rest = data[whole:].ljust(16, b"\0")
    state = [word ^ mix(lane, tail) ^ len(data) for lane, (word, tail) in enumerate(zip(state, struct.unpack("<4I", rest)))]
    for finish in (lambda word: word, fmix):
        state = [finish(word) for word in state]
        state[0] = sum(state) & MASK
        state[1:] = [(word + state[0]) & MASK for word in state[1:]]
    return state


def registers(values, precision):
    ranks = {}
    for value in values:
        data = value.encode() if isinstance(value, str) else struct.pack(">d", value)
        high, low, *_ = murmur3(data, 0x9747B28C)
        bits = format(high << 32 | low, "064b")
        rest = bits[precision:]
        index, rank = int(bits[:precision], 2), len(rest) - len(rest.lstrip("0")) + 1
        ranks[index] = max(ranks.get(index, 0), rank)
    return ranks


def written(ranks, precision):
    """The bytes of a cell, in hexadecimal digits."""
    sparse = b"".join(struct.pack(">HB", index, ranks[index]) for index in sorted(ranks))
    if len(sparse) <= 2**precision:
        return (bytes([1, precision]) + sparse).hex()
    return (bytes([2, precision]) + bytes(ranks.get(index, 0) for index in range(2**precision))).hex()


def estimate(values, precision):
    if not values:
        return 0
    m, q = 2**precision, 64 - precision
    ranks = registers(values, precision)
    counts = [0] * (q + 2)
    for rank in ranks.values():
        counts[rank] += 1
    counts[0] = m - len(ranks)
    # No vector has so many values that a register is full: tau is 0.
    assert counts[q + 1] == 0
    z = Fraction(0)
    for rank in range(q, 0, -1):
        z = (z + counts[rank]) / 2
    total = Decimal(z.numerator) / Decimal(z.denominator)
    share, power, sigma, factor = Decimal(counts[0]) / m, Decimal(counts[0]) / m, Decimal(counts[0]) / m, Decimal(1)
    while power > Decimal("1e-45"):
        power *= power
        sigma += power * factor
        factor *= 2
    total += m * sigma
    found = m * m / (2 * Decimal(2).ln()) / total
    assert share < 1 and abs(found % 1 - Decimal("0.5")) > Decimal("1e-6")
    return int(found.to_integral_value(rounding="ROUND_HALF_UP"))


# ---- scenarios

class Data:
    """What was written, in the order of arrival, as (moment, name, value)."""

    def __init__(self, pick, value, most):
        self.ops, self.points = [], []
        for _ in range(pick.randint(2, 4)):
            batch = {}
            for _ in range(pick.randint(2, 4)):
                moment = NOW - pick.choice([0, 0, 1, 30, 61, 4000, 90_000]) - pick.choice([0, 0.25])
                batch[moment] = [
                    [name, [value() for _ in range(pick.randint(1, most))]] for name in pick.sample(["a", "b", "é"], pick.randint(1, 2))
                ]
            self.ops.append({"op": "bulkInsert", "points": list(batch.items())})
            self.points += [(moment, name, value) for moment, names in batch.items() for name, values in names for value in values]

    def inside(self, names, start, end):
        return [each for each in self.points if each[1] in names and start <= each[0] < end]


def in_bins(points):
    return {"$map": [list(each) for each in bins_of([value for *_, value in points]).items()]}


def cells_question(data, cell):
    """Every cell as it is stored, by interval and name, in the order of time."""
    expected = []
    for interval, step, finest in (("day", DAY, HOUR), ("minute", 60, 60)):
        for name in sorted({name for _, name, _ in data.points}, key=str.encode):
            for start in sorted({int(moment // finest) * finest for moment, owner, _ in data.points if owner == name}):
                value = cell(data.inside([name], start, start + finest))
                expected.append([name, interval, start // step * step, start, value])
    return {"method": "cells"}, expected


def scenario(pick, config, data, asked, answer, cell):
    """`answer` makes what a read shows of points in the order of arrival; `asked` is its transform, or none."""
    names = pick.choice([["a"], ["a", "b"], ["a", "b", "é", "none"], ["none"]])
    method = pick.choice(["cells", "get", "series", "series", "iterate", "collapse", "condense"])
    if method == "cells":
        return cells_question(data, cell)
    options = {"transform": asked} if asked else {}
    query = {"name": names, "interval": "minute", "options": options}
    if method == "iterate":
        options["condense"] = True
        query["interval"] = "day"
        found = sorted({int(moment // DAY) * DAY for moment, *_ in data.inside(names, 0, NOW + DAY)})
        days = range(found[0], found[-1] + 1, DAY) if found else []
        return {**query, "method": "iterate"}, [[at, answer(data.inside(names, at, at + DAY), DAY)] for at in days]
    if method == "condense":
        day = NOW // DAY * DAY
        options |= {"timestamp": NOW, "condense": True}
        return {**query, "interval": "day", "method": "get"}, {"$map": [[day, answer(data.inside(names, day, day + DAY), DAY)]]}
    if method == "get":
        options["timestamp"] = NOW
        start = NOW // 60 * 60
        return {**query, "method": "get"}, {"$map": [[start, answer(data.inside(names, start, start + 60), 60)]]}
    last = NOW // 60 * 60
    first = last - (90_100 if method == "collapse" else 120) // 60 * 60
    options |= {"start": first, "end": last}
    if method == "collapse":
        options["collapse"] = True
        points = data.inside(names, first, last + 60)
        return {**query, "method": "series"}, {"$map": [[first, answer(points, last + 60 - first)]]}
    starts = range(first, last + 1, 60)
    return {**query, "method": "series"}, {"$map": [[at, answer(data.inside(names, at, at + 60), 60)] for at in starts]}


def named(transforms, make):
    """The answers of several transforms, by their names."""
    return lambda points, seconds: {"$map": [[name, make(name, points, seconds)] for name in transforms]}


def summaries(pick):
    data = Data(pick, lambda: pick.choice([0.5, -2, 7, 0.1, 1e-12, 3e8]), 3)
    known = ["count", "rate", "sum", "mean", "min", "max", "range", "last"]

    def make(name, points, seconds):
        return summary(name, in_order(points), seconds)

    def cell(points):
        found = summary_of([(moment, value) for moment, _, value in points])
        return {"$map": list(found.items())} if found else None

    # A join of names is in the order of the names, not of arrival: which of two at one moment is last, only a cell says.
    def in_order(points):
        names = ["a", "b", "é"]
        return [(moment, value) for moment, name, value in sorted(points, key=lambda each: (int(each[0] // 60), names.index(each[1])))]

    return {"type": "summary"}, data, known, named(known, make), cell


def distributions(pick):
    scale = pick.choice([1, 1, 0.003, 40, 1e6])
    data = Data(pick, lambda: pick.choice([0, 1e-10, 1, round(pick.lognormvariate(0, 1.5), 3) * scale, -round(pick.random(), 2) * scale]), 8)
    known = pick.choice([["count", "p50", "p99", "sum"], PERCENTILES, ["mean", "min", "max", "range", "rate"]])

    def make(name, points, seconds):
        return distribution(name, [value for *_, value in points], seconds)

    return {"type": "distribution"}, data, known, named(known, make), in_bins


def uniques(value_type, precision, value, most):
    def make(pick):
        data = Data(pick, lambda: value(pick), most)
        cell = lambda points: {"$bytes": written(registers([value for *_, value in points], precision), precision)}
        answer = lambda points, _: estimate([value for *_, value in points], precision)
        # The default is left out.
        config = {"type": "unique", "valueType": value_type, **({"precision": precision} if precision != 12 else {})}
        return config, data, None, answer, cell

    return make


def text(pick):
    return pick.choice(["", "ada", "Zürich", "日本"]) + str(pick.randint(0, 60)) * pick.randint(0, 9)


def main():
    pick = random.Random(18)
    kinds = [(summaries, 18), (distributions, 22), (uniques("string", 12, text, 6), 12), (uniques("int", 8, lambda pick: pick.randint(-9, 4000), 40), 16)]
    for make, how_many in kinds:
        for _ in range(how_many):
            config, data, asked, answer, cell = make(pick)
            query, expected = scenario(pick, config, data, asked, answer, cell)
            id = f"k{main.count:04}"
            main.count += 1
            whole = {"id": id, "kind": "sketch", "config": {**config, "intervals": INTERVALS}, "now": NOW, "ops": data.ops}
            print(json.dumps({**whole, "query": query, "expected": expected}, ensure_ascii=False, separators=(",", ":")))


main.count = 0
if __name__ == "__main__":
    main()
