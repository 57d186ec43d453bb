"""Writes vectors/every.jsonl: reads in other buckets than those stored, answered from the points themselves.

    python every.py > ../../vectors/every.jsonl
"""

import random

from local_buckets import bucket, buckets, config, merged, utc, write

DAY = 86_400
INTERVALS = {
    "minute": {"step": 60},
    "quarter": {"step": "15min"},
    "day": {"step": "daily", "resolution": "1h"},
    "week": {"step": "iso-weekly", "resolution": "30min"},
}
FINEST = {"minute": 60, "quarter": 900, "day": 3600, "week": 1800}
# By the largest finest buckets that fit into their days.
ZONES = {
    3600: ["UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Tokyo", "Pacific/Apia"],
    1800: ["Asia/Kolkata", "Australia/Adelaide", "Australia/Lord_Howe"],
    900: ["Asia/Kathmandu", "Pacific/Chatham"],
}
# Around changes of clocks at midnight and in the night, New Year, and a day that does not exist.
DAYS = ["2024-03-31", "2024-10-27", "2018-11-04", "2018-02-18", "2024-12-31", "2011-12-31", "2021-02-28"]
STEPS = {"1h": 3600, "2h": 7200, "3h": 10800, "6h": 21600, 43200: 43200}
STEPS |= {word: word for word in ["daily", "iso-weekly", "weekly", "monthly", "quarterly", "yearly"]}


def points(pick, around):
    """Three to nine batches of points, no two of a batch at one moment."""
    for _ in range(pick.randint(4, 9)):
        batch = {}
        for _ in range(pick.randint(1, 3)):
            moment = around + pick.choice([pick.randint(-DAY, DAY), pick.randint(-4 * 3600, 4 * 3600)])
            moment += pick.choice([0, 0, 0, 0.875])
            names = pick.sample(["a", "b"], pick.randint(1, 2))
            batch[moment] = [[name, [pick.randint(0, 9) for _ in range(pick.randint(1, 3))]] for name in names]
        yield {"op": "bulkInsert", "points": list(batch.items())}


def scenario(pick, number, method, kind):
    interval = pick.choice(list(INTERVALS))
    finest = FINEST[interval]
    zone = pick.choice([zone for largest, zones in ZONES.items() if finest <= largest for zone in zones])
    every = pick.choice(list(STEPS))
    step = STEPS[every]
    offset = pick.choice([0, 0, 0, 14_400, 21_600]) if isinstance(step, str) else 0
    around = utc(pick.choice(DAYS))
    ops = list(points(pick, around))
    cells = {}
    for op in ops:
        for moment, names in op["points"]:
            for name, values in names:
                cells.setdefault((int(moment // finest), name), []).extend(values)
    name = pick.choice(["a", "b", ["a", "b"], ["b", "a"]])
    stored = sorted({at * finest for at, owner in cells if owner in name})

    def entry(start, end):
        """Cells in the order of time, and of the names as they are asked for."""
        inside = [start_of for start_of in stored if start <= start_of < end]
        return [start, merged(kind, [v for at in inside for owner in name for v in cells.get((at // finest, owner), [])])]

    options = {"every": every}
    if zone != "UTC" or pick.random() < 0.3:
        options["zone"] = zone
    if offset > 0:
        options["offset"] = pick.choice([offset, f"{offset // 3600}h"])
    if method == "get":
        options["timestamp"] = around + pick.randint(-DAY // 2, DAY // 2)
        expected = {"$map": [entry(*bucket(options["timestamp"], step, zone, offset))]}
    elif method == "iterate":
        expected = [entry(*each) for each in buckets(stored[0], stored[-1], step, zone, offset)] if stored else []
    else:
        start, end = around - pick.randint(0, DAY), around + pick.randint(0, DAY)
        shown = buckets(start, end, step, zone, offset)
        given = pick.choice([{"start": start, "end": end}, {"start": start}, {"end": end}])
        options |= given if len(given) == 2 else {**given, "steps": len(shown)}
        expected = {"$map": [entry(*each) for each in shown]}
    return {
        "id": f"e{number:04}",
        "kind": f"every-{interval}",
        "config": config(kind, {interval: INTERVALS[interval]}),
        "now": around + 3 * DAY + 0.5,
        "ops": ops,
        "query": {"method": method, "name": name, "interval": interval, "options": options},
        "expected": expected,
    }


def main():
    pick = random.Random(17)
    asked = [(method, kind) for method in ["series", "get", "iterate"] for kind in ["series", "histogram", "count", "gauge", "set"]] * 8
    pick.shuffle(asked)
    write(scenario(pick, number, *each) for number, each in enumerate(asked))


main()
