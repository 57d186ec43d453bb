"""Writes vectors/questions.jsonl: points of a stretch of time, names by themselves, the names with most, answered from the points themselves.

    python questions.py > ../../vectors/questions.jsonl
"""

import random

from local_buckets import buckets, config, merged, utc, write

HOUR, DAY = 3600, 86_400
INTERVALS = {
    "minute": {"step": 60, "steps": 2880},
    "hour": {"step": "1h", "steps": 24 * 60},
    "day": {"step": "daily", "resolution": "6h", "steps": 1000},
}
STEP = {"minute": 60, "hour": HOUR, "day": DAY}
FINEST = {"minute": 60, "hour": HOUR, "day": 6 * HOUR}
USUAL = {f"{n}s": n for n in [1, 2, 5, 10, 15, 30]} | {f"{n}min": 60 * n for n in [1, 2, 5, 10, 15, 30]}
USUAL |= {f"{n}h": HOUR * n for n in [1, 2, 3, 6, 12]}
USUAL |= {word: word for word in ["daily", "iso-weekly", "monthly", "quarterly", "yearly"]}
YEAR = DAY * 365.2425
MEAN = {"daily": DAY, "iso-weekly": 7 * DAY, "monthly": YEAR / 12, "quarterly": YEAR / 4, "yearly": YEAR}
RANKS = {
    "series": [None, "max", "mean", "sum", "count"],
    "histogram": [None, "min", "sum"],
    "count": [None, "rate"],
    "set": [None, "max"],
}


def oldest_live(interval, now):
    return (int(now) // STEP[interval] - INTERVALS[interval]["steps"] + 1) * STEP[interval]


def fits(interval, shown, now):
    """Whether no live stored bucket lies in two of those shown."""
    step = STEP[interval]
    first = max(shown[0][0] // step * step, oldest_live(interval, now))
    last = ((shown[-1][1] - 1) // step + 1) * step
    edges = [start for start, _ in shown] + [shown[-1][1]]
    return all(edge % FINEST[interval] == 0 for edge in edges if first < edge < last)


def smallest(interval, start, end, zone, most, now):
    """The smallest step of an interval with few enough points: its name, the buckets, and the stored ones in each."""
    own = buckets(start, end, FINEST[interval], most=most)
    if own is not None:
        return None, own, 1
    for name, step in USUAL.items():
        length = MEAN.get(step, step)
        if length < FINEST[interval] or end - start > length * 1.1 * most:
            continue
        shown = buckets(start, end, step, zone, most=most)
        if shown is not None and fits(interval, shown, now):
            return name, shown, length / FINEST[interval]
    return None


def choose(start, end, zone, most, now):
    """The interval, the step and the buckets; None: no step of the zone gives so few."""
    reach = {interval: oldest_live(interval, now) for interval in INTERVALS}
    furthest = max(start, min(reach.values()))
    found = None
    for interval in sorted(INTERVALS, key=FINEST.get):
        choice = smallest(interval, start, end, zone, most, now) if reach[interval] <= furthest else None
        if not choice:
            continue
        found = interval, choice[0], choice[1]
        if choice[2] <= 50:
            break
    return found


class Data:
    """Points, and what the stores keep of them."""

    def __init__(self, pick, now):
        reach = pick.choice([2 * HOUR, 2 * DAY, 40 * DAY, 800 * DAY])
        self.ops, self.cells = [], {}
        for _ in range(3):
            batch = {}
            for _ in range(pick.randint(3, 7)):
                names = pick.sample(["a", "b", "c", "d", "é"][: pick.choice([3, 5])], pick.randint(1, 3))
                moment = int(now) - int(reach * pick.random() ** 2)
                batch[moment] = [[name, [pick.randint(0, 9) for _ in range(pick.randint(1, 3))]] for name in names]
            self.ops.append({"op": "bulkInsert", "points": list(batch.items())})
            for interval in INTERVALS:
                for moment, names in batch.items():
                    if moment < oldest_live(interval, now):
                        continue
                    for name, values in names:
                        key = interval, moment // FINEST[interval] * FINEST[interval], name
                        self.cells.setdefault(key, []).extend(values)

    def starts(self, interval, name, start, end):
        return sorted(at for i, at, owner in self.cells if i == interval and owner == name and start <= at < end)

    def values(self, interval, names, start, end):
        """Of cells in the order of time, and of the names as they are asked for."""
        starts = sorted({at for i, at, _ in self.cells if i == interval and start <= at < end})
        return [value for at in starts for name in names for value in self.cells.get((interval, at, name), [])]


def points_question(pick, data, kind, now):
    names = pick.choice([["a"], ["a", "b"], ["c", "a"], ["none"]])
    start, end = int(now) - pick.choice([HOUR, 6 * HOUR, DAY, 3 * DAY, 20 * DAY, 300 * DAY, 2000 * DAY]), int(now)
    options = {"start": start}
    if pick.random() < 0.4:
        options["end"] = end = end - pick.randint(0, (end - start) // 2)
    zone = pick.choice(["UTC", "UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York", "Asia/Tokyo"])
    if zone != "UTC":
        options["zone"] = zone
    most = pick.choice([500, 500, 100, 30, 12, 4])
    if most != 500:
        options["maxPoints"] = most
    choice = choose(start, end, zone, most, now)
    if not choice or len(choice[2]) > 60:
        return None
    interval, every, shown = choice

    def points(owners):
        return {"$map": [[at, merged(kind, data.values(interval, owners, at, until))] for at, until in shown]}

    answer = points(names)
    if pick.random() < 0.3:
        options["split"] = True
        answer = {"$map": [[name, points([name])] for name in names]}
    found = {"interval": interval, "every": every, "zone": zone, "points": answer}
    return {"method": "query", "name": names, "options": options}, {"$map": list(found.items())}


def ranked(kind, by, values, seconds):
    values = sorted(set(values)) if kind == "set" else values
    if kind == "count":
        return sum(values) / seconds if by == "rate" else sum(values)
    if by in (None, "count"):
        return len(values)
    if by == "sum":
        return sum(values)
    if not values:
        return None
    return sum(values) / len(values) if by == "mean" else {"max": max, "min": min}[by](values)


def top_question(pick, data, kind, now):
    if kind == "gauge":
        return None
    interval = pick.choice(["minute", "hour"])
    end = int(now) - pick.choice([0, 0, HOUR])
    options = {"start": end - pick.choice([HOUR, 10 * HOUR, 50 * HOUR])}
    if end != int(now):
        options["end"] = end
    by, limit = pick.choice(RANKS[kind]), pick.choice([10, 10, 2, 3])
    options |= {"by": by} if by else {}
    options |= {"limit": limit} if limit != 10 else {}
    names = sorted({name for _, _, name in data.cells})
    if pick.random() < 0.3:
        options["names"] = names = ["none", "a", "é"]
    shown = buckets(options["start"], end, STEP[interval])
    first, last = shown[0][0], shown[-1][1]
    values = [(name, ranked(kind, by, data.values(interval, [name], first, last), last - first)) for name in names]
    best = sorted([each for each in values if each[1] is not None], key=lambda each: (-each[1], each[0].encode()))
    expected = [{"$map": [["name", name], ["value", value]]} for name, value in best[:limit]]
    return {"method": "top", "interval": interval, "options": options}, expected


def split_question(pick, data, kind, now):
    interval = pick.choice(list(INTERVALS))
    names = pick.choice([["a", "b"], ["b", "none", "a"], ["é"]])
    step = STEP[interval]
    is_nested = FINEST[interval] != step

    def one(name, start):
        if not is_nested:
            return merged(kind, data.values(interval, [name], start, start + step))
        starts = data.starts(interval, name, start, start + step)
        return {"$map": [[at, merged(kind, data.cells[interval, at, name])] for at in starts]}

    if pick.random() < 0.5:
        moment = int(now) - pick.randint(0, 6 * HOUR)
        start = moment // step * step
        answers = [one(name, start) if is_nested else {"$map": [[start, one(name, start)]]} for name in names]
        method, options = "get", {"timestamp": moment}
    else:
        steps, last = pick.randint(1, 6), int(now) // step * step
        starts = range(last - (steps - 1) * step, last + 1, step)
        answers = [{"$map": [[start, one(name, start)] for start in starts]} for name in names]
        method, options = "series", {"steps": steps}
    query = {"method": method, "name": names, "interval": interval, "options": {**options, "split": True}}
    return query, {"$map": list(zip(names, answers))}


def main():
    pick = random.Random(17)
    scenarios = []
    while len(scenarios) < 120:
        kind = pick.choice(["series", "histogram", "count", "gauge", "set"])
        now = utc(pick.choice(["2024-03-31", "2024-10-27", "2021-02-28"])) + pick.randint(0, DAY) + 0.25
        data = Data(pick, now)
        asked = pick.choice([points_question, points_question, top_question, split_question])(pick, data, kind, now)
        if not asked:
            continue
        scenarios.append(
            {
                "id": f"q{len(scenarios):04}",
                "kind": "questions",
                "config": config(kind, INTERVALS),
                "now": now,
                "ops": data.ops,
                "query": asked[0],
                "expected": asked[1],
            }
        )
    write(scenarios)


main()
