"""Writes vectors/labels.jsonl: names given as objects, found by their labels and grouped by them, answered from the objects themselves.

    python labels.py > ../../vectors/labels.jsonl
"""

import random
import re

from local_buckets import config, merged, utc, write

INTERVALS = {"minute": {"step": 60}, "hours": {"step": "daily", "resolution": "6h"}}
STEP = {"minute": 60, "hours": 86_400}
FINEST = {"minute": 60, "hours": 21_600}
LABELS = {
    "route": ["/a", "/b", "/a;b=1", "50%", "é", "\U0001f600"],
    "status": [200, 404, 500, 503],
    "ok": [True, False],
    "constructor": ["x"],
}
MATCHES = {
    "route": ["/a", "/b", ["/a", "/b"], ["/a;b=1", "é", "none"], "50%", [], {"$pattern": "^/"}, {"$pattern": "[^a]$"}],
    "status": [200, "404", [500, 503], {"$pattern": "^5"}, {"$pattern": "0"}],
    "ok": [True, "false", [True, False]],
    "constructor": ["x"],
}


def text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def escaped(part):
    return re.sub("[;=%\x00-\x1f\x7f]", lambda found: f"%{ord(found[0]):02X}", text(part))


def stored(name):
    """The text that a name is stored under. Python compares texts by code points."""
    if isinstance(name, str):
        return name
    labels = sorted((label, value) for label, value in name.items() if label != "name")
    return escaped(name["name"]) + "".join(f";{escaped(label)}={escaped(value)}" for label, value in labels)


def matches(name, matcher):
    if isinstance(name, str):
        name = {"name": name}
    if name["name"] != matcher["name"]:
        return False
    for label, match in matcher["labels"].items():
        if label not in name:
            return False
        if isinstance(match, dict):
            if not re.search(match["$pattern"], text(name[label])):
                return False
        elif text(name[label]) not in map(text, match if isinstance(match, list) else [match]):
            return False
    return True


def pick_name(pick):
    name = {"name": pick.choice(["hits", "hits", "hits", "hits2", "hi;ts%"])}
    if pick.random() < 0.1:
        return pick.choice(["hits", "hits2", "other"])
    for label in pick.sample(list(LABELS), pick.randint(1, 3)):
        name[label] = pick.choice(LABELS[label])
    return name


class Data:
    """Points, and what the stores keep of them."""

    def __init__(self, pick, now):
        self.ops, self.cells, self.names = [], {}, {}
        for _ in range(3):
            batch = {}
            for _ in range(pick.randint(2, 4)):
                moment = now - pick.choice([0, 60, 7 * 3600, 86_400])
                points = [[pick_name(pick), [pick.randint(0, 9) for _ in range(pick.randint(1, 2))]] for _ in range(4)]
                batch[moment] = list({stored(name): [name, values] for name, values in points}.values())
            self.ops.append({"op": "bulkInsert", "points": list(batch.items())})
            for moment, points in batch.items():
                for name, values in points:
                    self.names[stored(name)] = name
                    for interval, finest in FINEST.items():
                        key = interval, moment // finest * finest, stored(name)
                        self.cells.setdefault(key, []).extend(values)

    def found(self, matcher):
        return sorted(name for name, given in self.names.items() if matches(given, matcher))

    def answer(self, kind, interval, names, starts):
        """The buckets that start there, of names joined in this order."""

        def one(start):
            values = [value for name in names for value in self.cells.get((interval, start, name), [])]
            return merged(kind, values)

        if FINEST[interval] == STEP[interval]:
            return {"$map": [[start, one(start)] for start in starts]}

        def parts(start):
            held = sorted({at for i, at, name in self.cells if i == interval and name in names})
            return {"$map": [[at, one(at)] for at in held if start <= at < start + STEP[interval]]}

        return {"$map": [[start, parts(start)] for start in starts]}


def grouped(data, names, group_by):
    groups = {}
    for name in names:
        labels = data.names.get(name, name)
        labels = {} if isinstance(labels, str) else labels
        values = [text(labels[label]) if label in labels else "" for label in group_by]
        key = values[0] if len(values) == 1 else ";".join(map(escaped, values))
        groups.setdefault(key, []).append(name)
    return sorted(groups.items())


def question(pick, data, kind, now):
    matcher = {"name": pick.choice(["hits", "hits", "hits", "hi;ts%", "none"]), "labels": {}}
    for label in pick.sample(list(MATCHES), pick.choice([0, 1, 1, 2])):
        matcher["labels"][label] = pick.choice(MATCHES[label])
    names, asked = data.found(matcher), matcher
    if pick.random() < 0.2:
        other = pick.choice(list(data.names.values()))
        asked = [other, matcher]
        names = [stored(other)] + [name for name in names if name != stored(other)]
    interval = pick.choice(list(INTERVALS))
    steps, step = pick.randint(1, 3), STEP[interval]
    last = now // step * step
    starts = range(last - (steps - 1) * step, last + 1, step)
    options = {"steps": steps}
    shown = pick.random()
    if shown < 0.35:
        options["split"] = True
        answer = {"$map": [[name, data.answer(kind, interval, [name], starts)] for name in names]}
    elif shown < 0.8:
        options["groupBy"] = pick.choice([["route"], ["status"], ["status", "route"], ["missing"]])
        groups = grouped(data, names, options["groupBy"])
        answer = {"$map": [[key, data.answer(kind, interval, own, starts)] for key, own in groups]}
    else:
        answer = data.answer(kind, interval, names, starts)
    return {"method": "series", "name": asked, "interval": interval, "options": options}, answer


def main():
    pick = random.Random(17)
    scenarios = []
    kinds = ["count", "series", "histogram", "gauge", "set"]
    while len(scenarios) < 60:
        kind, now = kinds[len(scenarios) % 5], utc("2024-03-31") + pick.randint(0, 86_399)
        data = Data(pick, now)
        query, expected = question(pick, data, kind, now)
        # Most should find something.
        if not expected["$map"] and pick.random() < 0.8:
            continue
        scenarios.append(
            {
                "id": f"l{len(scenarios):04}",
                "kind": "labels",
                "config": config(kind, INTERVALS),
                "now": now,
                "ops": data.ops,
                "query": query,
                "expected": expected,
            }
        )
    write(scenarios)


main()
