"""Writes vectors/fills.jsonl: scenarios whose buckets without data are filled, computed here from the definitions.

    python fills.py > ../../vectors/fills.jsonl
"""

import json
import random
from fractions import Fraction
from math import ceil

BASE = 1_700_000_040
TRANSFORMS = {
    "count": ["rate"],
    "gauge": [None],
    "series": ["p50", "last", "first", "max", "range"],
    "histogram": ["p95", "p50", "distinct", "count", "range"],
    "set": ["distinct", "p25", "max", "count"],
}


def transformed(kind, name, values, seconds=60):
    """What a transform makes of the values of one bucket, in the order of their arrival."""
    if kind == "count":
        return sum(values) / seconds if name == "rate" else sum(values)
    if kind == "gauge":
        return values[-1]
    if kind == "set":
        values = sorted(set(values))
    if name == "first":
        return values[0]
    if name == "last":
        return values[-1]
    if name == "count":
        return len(values)
    if name == "distinct":
        return len(set(values))
    if name == "max":
        return max(values)
    if name == "range":
        return max(values) - min(values)
    rank = ceil(Fraction(name[1:]) / 100 * len(values))
    return sorted(values)[max(rank, 1) - 1]


def filled(known, bucket, fill, most):
    """What a bucket shows, from the results of all live buckets; a list, empty if the entry is left out."""
    if bucket in known:
        return [known[bucket]]
    if fill == "none":
        return []
    left = max((each for each in known if each < bucket), default=None)
    right = min((each for each in known if each > bucket), default=None)
    if fill == "previous":
        return [known[left] if left and (not most or bucket - left <= most) else None]
    if fill == "linear":
        if not left or not right or (most and right - left - 1 > most):
            return [None]
        low, high = known[left], known[right]
        return [low if low == high else low + (high - low) * ((bucket - left) / (right - left))]
    return [fill]


def scenario(rng, number, kind):
    start = BASE // 60
    buckets = sorted(rng.sample(range(start, start + 40), rng.randint(1, 9)))
    data = {bucket: [rng.randint(-9, 20) for _ in range(rng.randint(1, 5))] for bucket in buckets}
    now = (start + 40) * 60 + 0.5
    steps = rng.choice([None, None, 30])
    live = {bucket: values for bucket, values in data.items() if not steps or bucket > start + 40 - steps}
    name = rng.choice(TRANSFORMS[kind])
    fill = rng.choice(["previous", "linear", "previous", "linear", "none", None, -1])
    most = rng.choice([None, 1, 3, 6]) if fill in ("previous", "linear") else None
    options = {"fill": fill}
    if most is not None:
        options["maxGap"] = most
    if name is not None:
        options["transform"] = name
    known = {bucket: transformed(kind, name, values) for bucket, values in live.items()}
    method = rng.choice(["series", "series", "series", "get", "iterate"])
    if method == "iterate":
        shown = range(min(known), max(known) + 1) if known else range(0)
    else:
        first = start + rng.randint(0, 36)
        last = first if method == "get" else first + rng.randint(0, 10)
        shown = range(first, last + 1)
        options.update({"timestamp": first * 60} if method == "get" else {"start": first * 60, "end": last * 60 + 59})
    entries = [[bucket * 60, value] for bucket in shown for value in filled(known, bucket, fill, most)]
    config = {"type": kind, "intervals": [["minute", {"step": 60, "steps": steps} if steps else {"step": 60}]]}
    if kind != "count":
        config["valueType"] = "int"
    points = [[bucket * 60 + rng.randint(0, 59), [["a", values]]] for bucket, values in data.items()]
    # What is there may be expired by now.
    ops = [{"op": "bulkInsert", "points": points}]
    return {
        "id": f"f{number:04}",
        "kind": "filled",
        "config": config,
        "now": now,
        "ops": ops,
        "query": {"method": method, "name": "a", "interval": "minute", "options": options},
        "expected": entries if method == "iterate" else {"$map": entries},
    }


def needs_neighbours(line):
    """The most revealing come first: the short size takes the first of each type."""
    values = [value for _, value in (line["expected"] if isinstance(line["expected"], list) else line["expected"]["$map"])]
    filled_by = line["query"]["options"]["fill"]
    return filled_by == "linear" and len(values) > 3 and values[0] is not None and line["query"]["method"] == "series"


def main():
    rng = random.Random(5)
    lines = [scenario(rng, number, kind) for number in range(24) for kind in TRANSFORMS]
    for number, line in enumerate(sorted(lines, key=lambda line: not needs_neighbours(line))):
        print(json.dumps({**line, "id": f"f{number:04}"}, separators=(",", ":")))


main()
