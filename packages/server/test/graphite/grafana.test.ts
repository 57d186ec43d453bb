import { beforeAll, expect, it } from 'vitest'
import { type Answers, answersOf, NOW } from '../fixtures/answers.ts'

// The requests of Grafana's Graphite data source, in the forms that it sends them, and what it reads of the answers.

let answers: Answers
beforeAll(async () => {
  const intervals = { minute: { step: '1min', steps: 1440 } } as const
  answers = answersOf({ hits: { type: 'count', intervals }, times: { type: 'distribution', intervals } })
  for (const name of ['web.a.hits', 'web.b.hits', 'disk.used;host=h1;rack=r1'])
    await answers.timeseries('hits').insert(name, 5, { timestamp: NOW - 60 })
  await answers.timeseries('times').insert('web.a.time', [1, 2, 3], { timestamp: NOW - 60 })
})

const range = { from: String(NOW - 3600), until: String(NOW), format: 'json', maxDataPoints: '1245' }

it.each<[what: string, path: string, form: Record<string, string> | undefined, answer: unknown]>([
  [
    '“Save & test”',
    '/render',
    { ...range, target: 'constantLine(100)' },
    [{ target: '100.0', datapoints: expect.any(Array) }],
  ],
  [
    'a panel',
    '/render',
    { ...range, target: 'aliasByNode(sortByName(web.*.hits, true, false), 1)' },
    [{ target: 'a', tags: { name: 'web.a.hits' } }, { target: 'b' }],
  ],
  [
    'a panel with tags',
    '/render',
    { ...range, target: "seriesByTag('host=~h.*', 'rack=r1')" },
    [{ target: 'disk.used;host=h1;rack=r1' }],
  ],
  [
    'an alert, with relative times',
    '/render',
    { target: 'web.a.time.p95', from: '-5min', until: 'now', format: 'json' },
    [{ target: 'web.a.time.p95' }],
  ],
  [
    'the health of the data source, by its backend',
    '/render',
    { from: String(NOW - 3600), until: String(NOW), format: 'json', maxDataPoints: '500', target: 'constantLine(100)' },
    [{ target: '100.0', datapoints: expect.any(Array) }],
  ],
  [
    'a panel with a time of the cache, and what only tries it',
    '/render',
    { ...range, cacheTimeout: '60', target: "randomWalk('random walk')" },
    [{ target: 'random walk', datapoints: expect.any(Array) }],
  ],
  [
    'annotations that are a query',
    '/render',
    { ...range, maxDataPoints: '100', target: 'alias(web.a.hits, "deploys")' },
    [{ target: 'deploys' }],
  ],
  [
    'the editor’s next node',
    '/metrics/find?from=-6h&until=now',
    { query: 'web.a.*' },
    [
      { text: 'time', id: 'web.a.time', expandable: 1 },
      { text: 'hits', expandable: 0 },
    ],
  ],
  ['a variable', '/metrics/find?from=-6h&until=now', { query: 'web.{a,b}.hits' }, [{ text: 'hits' }, { text: 'hits' }]],
  ['a variable that expands', '/metrics/expand?query=web.*.hits', undefined, { results: ['web.a.hits', 'web.b.hits'] }],
  [
    'a variable that expands, of a time',
    '/metrics/expand?query=web.*.hits&from=-6h&until=now&leavesOnly=1',
    undefined,
    { results: ['web.a.hits', 'web.b.hits'] },
  ],
  ['a tag with its values', '/tags/host', undefined, { tag: 'host', values: [{ value: 'h1', count: 1 }] }],
  [
    'tags beside others, as a form',
    '/tags/autoComplete/tags',
    { expr: 'host=h1', tagPrefix: '', limit: '100', from: '-6h', until: 'now' },
    ['name', 'rack'],
  ],
  [
    'values beside several others',
    '/tags/autoComplete/values?expr=host%3Dh1&expr=name%3Ddisk.used&tag=rack&limit=100&from=-6h&until=now',
    undefined,
    ['r1'],
  ],
  ['values, as a form', '/tags/autoComplete/values', { expr: 'rack=~r.*', tag: 'host', valuePrefix: 'h' }, ['h1']],
  ['tags that begin so', '/tags/autoComplete/tags?expr=name%3Ddisk.used&tagPrefix=h&limit=100', undefined, ['host']],
  ['values of a tag', '/tags/autoComplete/values?expr=rack%3Dr1&tag=host&valuePrefix=&limit=100', undefined, ['h1']],
  ['all tags', '/tags', undefined, [{ tag: 'host' }, { tag: 'name' }, { tag: 'rack' }]],
  ['annotations', `/events/get_data?from=-6h&until=now&tags=deploy%20web`, undefined, []],
  ['annotations between two times', `/events/get_data?from=${NOW - 3600}&until=${NOW}&tags=`, undefined, []],
  ['functions', '/functions', undefined, { movingAverage: { name: 'movingAverage', group: 'Calculate' } }],
])('%s', async (_, path, form, answer) => {
  const response = await answers.ask(path, form)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toContain('application/json')
  expect(await response.json()).toMatchObject(answer as object)
})

it('the version is one that has tags and functions', async () => {
  expect((await (await answers.ask('/version')).text()).trim()).toMatch(/^1\.1\.\d+$/)
})

it('functions are as its editor reads them', async () => {
  const functions = (await answers.json('/functions')) as Record<string, { params: Record<string, unknown>[] }>
  const types = new Set(Object.values(functions).flatMap(({ params }) => params.map(({ type }) => type)))
  // What it has editors for; everything else is a text field.
  expect([...types].sort()).toEqual([
    'aggFunc',
    'aggOrSeriesFunc',
    'any',
    'boolean',
    'date',
    'float',
    'intOrInf',
    'intOrInterval',
    'integer',
    'interval',
    'node',
    'nodeOrTag',
    'seriesList',
    'seriesLists',
    'string',
    'tag',
  ])
  for (const [name, { params }] of Object.entries(functions))
    expect(
      params.slice(0, -1).every(({ multiple }) => multiple !== true),
      name,
    ).toBe(true)
})
