import { beforeAll, expect, it } from 'vitest'
import { type Answers, answersOf, NOW } from './fixtures/answers.ts'

const intervals = { minute: { step: '1min', steps: 240 }, hour: { step: '1h', resolution: '1min', steps: 48 } } as const
const DAY = 86_400

let answers: Answers
beforeAll(async () => {
  answers = answersOf(
    {
      hits: { type: 'count', intervals },
      times: { type: 'series', intervals },
      days: { type: 'count', intervals: { day: { step: 'daily', steps: 30 } } },
      exact: { type: 'gauge', valueType: 'int64', intervals },
    },
    {},
    {
      transforms: { twice: (data: number[]) => 2 * data.length },
      macros: { spread: { timeseries: 'times', interval: 'hour', collapse: true, transform: 'range' } },
    },
  )
  for (const [minute, value] of [
    [-3, 4],
    [-1, 8],
  ] as const)
    for (const name of ['hits', 'times'])
      for (const stat of ['app.a', 'app.b'])
        await answers.timeseries(name).insert(stat, value, { timestamp: NOW + minute * 60 })
  for (const day of [-6, -5, -1])
    await answers.timeseries('days').insert('visits', -day, { timestamp: NOW + day * DAY })
})

const series = (query: string) => answers.json(`/series?${query}`) as Promise<Record<string, unknown>[]>
const points = async (query: string) => (await series(query)).map(({ datapoints }) => datapoints)

it('shows integers beyond a double', async () => {
  await answers.timeseries('exact').insert('big', 2n ** 60n, { timestamp: NOW - 60 })
  const [graphite, json] = await Promise.all(
    ['graphite', 'json'].map((format) =>
      points(`stat=big&interval=minute&start=1 minutes ago&end=1 minutes ago&format=${format}`),
    ),
  )
  expect([graphite, json]).toEqual([[[['1152921504606846976', NOW - 60]]], [[[NOW - 60, '1152921504606846976']]]])
})

it('asks for no more names than a request may have', async () => {
  const few = answersOf({ hits: { type: 'count', intervals } }, { maxNames: 3 })
  for (const method of ['GET', 'DELETE']) {
    const status = async (stat: string) => (await few.ask(`/series?stat=${stat}&stat=d`, undefined, method)).status
    expect([await status('a,b'), await status('a,b,c')]).toEqual([200, 400])
  }
})

it('answers stats as torus does, with functions and joined names', async () => {
  expect(await series('stat=avg(app.a)&schema=times&interval=minute&steps=2')).toEqual([
    {
      stat: 'avg(app.a)',
      stat_name: ['app.a'],
      target: 'avg(app.a)',
      function: 'avg',
      schema: 'times',
      interval: 'minute',
      datapoints: [
        [8, NOW - 60],
        [null, NOW],
      ],
    },
  ])
  expect(await points('stat=app.a&stat=max(app.a,app.b)&schema=times&interval=minute&steps=2')).toEqual([
    [
      [8, NOW - 60],
      [null, NOW],
    ],
    [
      [8, NOW - 60],
      [null, NOW],
    ],
  ])
  expect(await points('stat=app.a,app.b&interval=minute&start=3 minutes ago&end=2 minutes ago')).toEqual([
    [
      [8, NOW - 180],
      [0, NOW - 120],
    ],
  ])
  expect(await points('stat=visits&start=5 days ago&end=4 days ago')).toEqual([
    [
      [5, NOW - (NOW % DAY) - 5 * DAY],
      [0, NOW - (NOW % DAY) - 4 * DAY],
    ],
  ])
})

it('answers what is stored as json, condensed and collapsed', async () => {
  const nested = await points('stat=app.a&schema=times&interval=hour&steps=2&format=json')
  expect(nested).toEqual([
    [
      [
        NOW - 3600,
        [
          [NOW - 180, [4]],
          [NOW - 60, [8]],
        ],
      ],
      [NOW, []],
    ],
  ])
  expect(await points('stat=app.a&schema=times&interval=hour&steps=2&format=json&condense=1')).toEqual([
    [
      [NOW - 3600, [4, 8]],
      [NOW, []],
    ],
  ])
  expect(await points('stat=count(app.a)&schema=times&interval=hour&steps=2&collapse=1')).toEqual([[[2, NOW - 3600]]])
})

it('takes functions and macros of the configuration', async () => {
  expect(await points('stat=twice(app.a)&schema=times&interval=hour&steps=2')).toEqual([
    [
      [4, NOW - 3600],
      [0, NOW],
    ],
  ])
  expect(await series('stat=spread(app.a)&steps=3')).toMatchObject([
    { function: 'range', interval: 'hour', datapoints: [[4, NOW - 7200]] },
  ])
  expect(
    await answers.json('/api/query?timeseries=times&names=app.a&start=-1h&interval=hour&transform=twice&transform=max'),
  ).toMatchObject({
    points: [
      [NOW - 3600, { twice: 4, max: 8 }],
      [NOW, { twice: 0, max: null }],
    ],
  })
})

it.each([
  ['', 'stat must be given'],
  ['stat=,', 'stat must be a name or function(name)'],
  ['stat=p101(app.a)&schema=times', 'p101'],
  ['stat=app.a&schema=none', 'timeseries must be one of hits, times, days'],
  ['stat=app.a&schema=hits&interval=year', 'interval must be one of minute, hour'],
  ['stat=app.a&format=xml', 'format must be graphite or json'],
  ['stat=app.a&start=in a while', 'a time must be like'],
  ['stat=app.a&interval=minute&start=0', 'at most 1000000 points'],
  ['stat=app.a&steps=many', 'steps must be a whole number'],
])('says what is wrong: %s', async (query, message) => {
  const answer = await answers.ask(`/series?${query}`)
  expect([answer.status, ((await answer.json()) as { error: string }).error]).toEqual([
    400,
    expect.stringContaining(message),
  ])
})

it('knows no names without data, and deletes those that it is asked to', async () => {
  expect(await series('stat=nothing')).toEqual([
    { stat: 'nothing', stat_name: ['nothing'], target: 'nothing', function: null, datapoints: [] },
  ])
  for (const name of ['hits', 'times']) await answers.timeseries(name).insert('old', 1, { timestamp: NOW })
  const deleted = async (query: string) =>
    (await (await answers.ask(`/series?${query}`, undefined, 'DELETE')).json()) as { deleted: object[] }
  expect(await deleted('stat=old&schema=times&interval=hour&start=1 hour ago')).toEqual({
    deleted: [{ stat: 'old', schema: 'times' }],
  })
  expect(await answers.timeseries('times').properties('old')).toEqual({ minute: expect.anything() })
  expect(await deleted('stat=old')).toEqual({
    deleted: [
      { stat: 'old', schema: 'hits' },
      { stat: 'old', schema: 'times' },
    ],
  })
  expect(await answers.timeseries('hits').list({ prefix: 'old' })).toEqual([])
  expect(await deleted('stat=max(app.a)')).toEqual({ error: expect.stringContaining('stat must be a plain name') })
})
