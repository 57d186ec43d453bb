# Puts the real pykronos 0.6.2 (Python 2.7) through what its users do. usage: trial.py SERVER_URL BREAKING_PROXY_URL
# Prints a line for each thing that worked; ends with an error at the first that did not.
import sys
import time
import uuid

from pykronos import KronosClient
from pykronos.client import KronosClientError

server, breaking = sys.argv[1:3]
# Stream names are free of what an earlier run left.
run = uuid.uuid4().hex
client = KronosClient(server)
START = 17953103475320121


def same(found, expected, what):
  assert found == expected, '%s: found %r, expected %r' % (what, found, expected)
  print what


index = client.index()
same((index['service'], index['@success']), ('kronosd', True), 'index')

stream = 'trial.' + run
events = [{'@time': START + n, 'n': n, 'text': u'caf\xe9 \U0001f600', 'nested': {'list': [1, 2.5, None, True]}} for n in range(10)]
answer = client.put({stream: events})
same([report['num_inserted'] for report in answer[stream].values()], [10], 'put')

found = list(client.get(stream, 0, START + 100))
same([e['@time'] for e in found], [START + n for n in range(10)], 'get: times above 2^53, to the tick')
same([{k: v for k, v in e.items() if k in ('n', 'text', 'nested')} for e in found],
     [{k: v for k, v in e.items() if k != '@time'} for e in events], 'get: every value as it was put')
same(found[0]['@library'], {'name': 'pykronos', 'version': '0.6.2'}, 'get: @library')
ids = [e['@id'] for e in found]
same([e['n'] for e in client.get(stream, 0, START + 100, limit=3)], [0, 1, 2], 'get: limit')
same([e['n'] for e in client.get(stream, 0, START + 100, limit=3, order='descending')], [9, 8, 7], 'get: limit and order')
same([e['n'] for e in client.get(stream, None, START + 100, start_id=ids[4])], [5, 6, 7, 8, 9], 'get: start_id')
same([e['n'] for e in client.get(stream, START + 3, START + 5)], [3, 4, 5], 'get: both ends included')
same(list(client.get('unknown.' + run, 0, START)), [], 'get: an unknown stream is empty')

schema = client.infer_schema(stream)['schema']
same((schema['type'], schema['properties']['n'], schema['properties']['nested']['type']),
     ('object', {'type': 'integer'}, 'object'), 'infer_schema')
same(stream in list(client.get_streams()), True, 'get_streams')

answer = client.delete(stream, START + 2, START + 4)
same([report['num_deleted'] for report in answer[stream].values()], [3], 'delete')
same([e['n'] for e in client.get(stream, 0, START + 100)], [0, 1, 5, 6, 7, 8, 9], 'get: what a delete left')
client.delete(stream, None, START + 100, start_id=ids[0])
same([e['n'] for e in client.get(stream, 0, START + 100)], [0], 'delete: start_id')

stream = 'long.' + run
for first in range(0, 20000, 1000):
  client.put({stream: [{'@time': START + n, 'n': n, 'filler': 'x' * 100} for n in range(first, first + 1000)]})
broken = KronosClient(breaking, chunk_size=8192)
same([e['n'] for e in broken.get(stream, 0, START + 20000)], range(20000), 'get: 20,000 events through connections that break')

stream = 'background.' + run
background = KronosClient(server, blocking=False, sleep_block=0.01)
for n in range(1000):
  background.put({stream: [{'@time': START + n, 'n': n}]})
background.flush()
for _ in range(500):
  if len(list(client.get(stream, 0, START + 1000))) == 1000:
    break
  time.sleep(0.02)
same([e['n'] for e in client.get(stream, 0, START + 1000)], range(1000), 'put: in the background')

stream = 'logged.' + run


@client.log_function(stream, properties={'doubled': lambda n: n * 2})
def halve(n):
  return 10 / n


same((halve(5), halve(2)), (2, 5), 'log_function')
try:
  halve(0)
except ZeroDivisionError:
  pass
with client.log_scope(stream, properties={'scope': 1}) as event:
  event['added'] = True
logged = sorted(client.get(stream, 0, int(time.time() * 1e7) + 10 ** 8), key=lambda e: (e.get('doubled', -1), e['@time']))
same([(e.get('doubled'), e.get('added'), e.get('exception', {}).get('message')) for e in logged],
     [(None, True, None), (0, None, 'integer division or modulo by zero'), (4, None, None), (10, None, None)],
     'log_function and log_scope: the events')

other = KronosClient(server, namespace='other')
other.put({'only.' + run: [{'@time': START}]})
same(('only.' + run in list(other.get_streams()), 'only.' + run in list(client.get_streams())), (True, False), 'namespaces')
try:
  KronosClient(server, namespace='missing').put({'x': [{'@time': 1}]})
  raise AssertionError('an unknown namespace was taken')
except KronosClientError as error:
  same('400' in str(error), True, 'an unknown namespace is refused')
