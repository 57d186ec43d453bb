# Makes the Whisper files of the tests, and what whisper.fetch returns of them.
import json, math, os, random, whisper
random.seed(19)
NOW = 1_709_211_600
out = {}
def make(path, archives, method, points, now=NOW, xff=0.5):
    if os.path.exists(path): os.remove(path)
    os.makedirs(os.path.dirname(path) or '.', exist_ok=True)
    whisper.create(path, archives, xff, method)
    real = whisper.time.time
    try:
        for moment, batch in points:
            whisper.time.time = lambda: moment
            whisper.update_many(path, batch)
    finally:
        whisper.time.time = real
    fetched = {}
    for step, count in archives:
        info, values = whisper.fetch(path, now - step * count, now, now=now, archiveToSelect=step)[:2]
        start, end, step = info
        fetched[f'{step}s'] = [[start + i * step, v] for i, v in enumerate(values) if v is not None]
    out[path] = {'now': now, 'fetched': fetched}
# Full rings that have turned several times.
make('servers/a/load.wsp', [(60, 60), (300, 48), (3600, 24)], 'average',
     [(NOW - 90000 + at, [(NOW - 90000 + at - 30, round(random.uniform(0, 4), 3))]) for at in range(0, 90001, 60)])
# With gaps, so that old slots remain; sums; late points.
make('events/logins.wsp', [(10, 30), (60, 20)], 'sum',
     [(NOW - 2000 + at, [(NOW - 2000 + at, random.randint(0, 9)), (NOW - 2000 + at - 15, 1)]) for at in range(0, 2001, 10) if at % 500 < 300])
# Stopped a while ago: its own end is not now.
make('servers/b/old.wsp', [(60, 30), (600, 12)], 'max', [(NOW - 50000, [(NOW - 50000 - i * 60, i / 7) for i in range(20)])], now=NOW - 50000 )
# Never written.
make('empty.wsp', [(60, 5)], 'last', [])
open('fetched.jsonl','w').write('\n'.join(json.dumps({'file': k, **v}, separators=(',',':')) for k, v in out.items())+'\n')
print({k: {a: len(f) for a, f in v['fetched'].items()} for k, v in out.items()})
