"""Writes fills.jsonl: buckets without data as pandas fills them, for pipeline/fill.test.ts.

    pip install pandas && python fills.py > fills.jsonl

`'previous'` is `ffill` with its limit, `'linear'` is `interpolate` by time between results, from outside the range too. Values are of minutes, or of
days of Berlin in weeks in which the clocks change.
"""

import json
import random

import pandas

FILLS = ["previous", "previous", "linear", "linear", None, 7, "none"]


def filled(whole, shown, fill, most):
    """A range of all that is known."""
    if fill == "previous":
        return whole.ffill(limit=most).loc[shown]
    if fill == "linear":
        return whole.interpolate("time", limit_area="inside").loc[shown]
    known = whole.loc[shown]
    if fill == "none":
        return known.dropna()
    return known.fillna(fill) if fill else known


def vector(pick):
    if pick.random() < 0.5:
        index = pandas.date_range("2024-02-29T23:30Z", periods=30, freq="min")
    else:
        start = pick.choice(["2024-03-20", "2024-10-15"])
        index = pandas.date_range(start, periods=30, freq="D", tz="Europe/Berlin")
    share = pick.choice([0.1, 0.3, 0.6])
    values = [pick.choice([pick.randint(-9, 9), pick.random() * 1e6]) if pick.random() < share else None for _ in index]
    whole = pandas.Series(values, index, dtype="float64")
    first = pick.randint(0, 20)
    shown = index[first : first + pick.randint(1, 9)]
    fill = pick.choice(FILLS)
    most = pick.choice([None, 1, 2, 3]) if fill == "previous" else None
    answer = filled(whole, shown, fill, most)
    seconds = [int(each.timestamp()) for each in index]
    return {
        "step": "daily" if str(index.tz) == "Europe/Berlin" else 60,
        "values": [[at, value] for at, value in zip(seconds, values) if value is not None],
        "range": [int(shown[0].timestamp()), int(shown[-1].timestamp())],
        "options": {"fill": fill} | ({"maxGap": most} if most else {}),
        "expected": [[int(at.timestamp()), None if pandas.isna(value) else value] for at, value in answer.items()],
    }


pick = random.Random(17)
for _ in range(80):
    print(json.dumps(vector(pick), separators=(",", ":")))
