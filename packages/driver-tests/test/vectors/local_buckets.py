"""Buckets of a step in a zone, by zoneinfo; and what a type makes of values. Used by every.py and questions.py."""

import json
import sys
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo


def start_of_day(day, zone, offset=0):
    # A midnight that does not exist is read by the clock before the jump, and so is the jump; of two, the first.
    wall = datetime(day.year, day.month, day.day, offset // 3600, offset % 3600 // 60, tzinfo=ZoneInfo(zone))
    return int(wall.timestamp())


def day_of(seconds, zone, offset=0):
    day = datetime.fromtimestamp(seconds, ZoneInfo(zone)).date() + timedelta(days=1)
    while start_of_day(day, zone, offset) > seconds:
        day -= timedelta(days=1)
    return day


def first_day(day, step):
    """The first day of the bucket that holds a day."""
    if step == "daily":
        return day
    if step == "iso-weekly":
        return day - timedelta(days=day.weekday())
    if step == "weekly":
        return max(day - timedelta(days=(day.weekday() + 1) % 7), date(day.year, 1, 1))
    if step == "monthly":
        return day.replace(day=1)
    if step == "quarterly":
        return day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1)
    return date(day.year, 1, 1)


def bucket(seconds, step, zone="UTC", offset=0):
    """Start and end of the bucket that holds a moment. A step in seconds counts from the epoch or, in a zone, from local midnight."""
    seconds = int(seconds // 1)
    if isinstance(step, int):
        if zone == "UTC":
            start = seconds // step * step
            return start, start + step
        day = day_of(seconds, zone)
        midnight, end = start_of_day(day, zone), start_of_day(day + timedelta(days=1), zone)
        start = midnight + (seconds - midnight) // step * step
        return start, min(start + step, end)
    first = first_day(day_of(seconds, zone, offset), step)
    after = first + timedelta(days=1)
    while first_day(after, step) == first:
        after += timedelta(days=1)
    return start_of_day(first, zone, offset), start_of_day(after, zone, offset)


def buckets(start, end, step, zone="UTC", offset=0, most=None):
    """Those from the one that holds `start` to the one that holds `end`; None: they are more than `most`."""
    found = []
    each = bucket(start, step, zone, offset)
    while each[0] <= end:
        found.append(each)
        if most is not None and len(found) > most:
            return None
        each = bucket(each[1], step, zone, offset)
    return found


def merged(kind, values):
    """What a type makes of values in the order of time."""
    if kind == "series":
        return values
    if kind == "count":
        return sum(values)
    if kind == "gauge":
        return values[-1] if values else None
    if kind == "set":
        return {"$set": sorted(set(values))}
    return {"$map": [[value, values.count(value)] for value in sorted(set(values))]}


def utc(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp())


def config(kind, intervals):
    values = {} if kind == "count" else {"valueType": "int"}
    return {"type": kind, "intervals": list(intervals.items()), **values}


def write(scenarios):
    for scenario in scenarios:
        json.dump(scenario, sys.stdout, separators=(",", ":"), ensure_ascii=False)
        print()
