import { Ajv2020 } from 'ajv/dist/2020.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Answers, answersOf, NOW } from './fixtures/answers.ts'

const intervals = { minute: { step: '1min', steps: 240 }, hour: { step: '1h', steps: 48 } } as const
const at = (minutes: number) => ({ timestamp: NOW + minutes * 60 })

interface Described {
  readonly paths: Readonly<
    Record<string, { get: { responses: Record<string, { content: Record<string, { schema: object }> }> } }>
  >
}

let answers: Answers
let validate: (path: string, status: '200' | 'default', answer: unknown) => void
beforeAll(async () => {
  answers = answersOf({
    hits: { type: 'count', intervals },
    times: { type: 'distribution', intervals },
    ids: { type: 'series', valueType: 'int64', intervals: { hour: { step: '1h', resolution: '1min', steps: 48 } } },
  })
  for (const minute of [-70, -3, -1])
    for (const name of ['web.a', 'web.b']) await answers.timeseries('hits').insert(name, -minute, at(minute))
  await answers.timeseries('times').insert('web.a', [1, 2, 3], at(-1))
  await answers.timeseries('ids').insert('x', [5n, 7n], at(-1))
  const document = (await answers.json('/api/openapi.json')) as Described
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictTuples: false, strictRequired: false })
  validate = (path, status, answer) => {
    const { schema } = document.paths[path]!.get.responses[status]!.content['application/json']!
    if (!ajv.validate(schema, answer)) throw new Error(`${path}: ${ajv.errorsText()}`)
  }
})

/** The answer, which must be as the document says. */
async function ask(path: string, body?: object): Promise<Record<string, unknown>> {
  const response = await answers.ask(path, body === undefined ? undefined : JSON.stringify(body))
  const answer = (await response.json()) as Record<string, unknown>
  validate(path.split('?')[0]!, response.status === 200 ? '200' : 'default', answer)
  return answer
}

describe('the API answers as its document says', () => {
  it('what there is', async () => {
    expect((await ask('/api/timeseries')).timeseries).toEqual([
      expect.objectContaining({
        name: 'hits',
        type: 'count',
        zone: 'UTC',
        transforms: ['rate'],
        intervals: [
          { name: 'minute', step: 60, resolution: null, steps: 240 },
          { name: 'hour', step: 3600, resolution: null, steps: 48 },
        ],
      }),
      expect.objectContaining({ name: 'times', transforms: expect.arrayContaining(['mean', 'percentiles']) }),
      expect.objectContaining({ name: 'ids', valueType: 'int64' }),
    ])
  })

  it('names, by prefix and pattern, page by page', async () => {
    const all = [
      { name: 'web.a', timeseries: ['hits', 'times'] },
      { name: 'web.b', timeseries: ['hits'] },
      { name: 'x', timeseries: ['ids'] },
    ]
    expect(await ask('/api/names')).toEqual({ names: all, next: null })
    expect(await ask('/api/names?prefix=web&limit=1')).toEqual({ names: [all[0]], next: 'web.a' })
    expect(await ask('/api/names?prefix=web&limit=1&after=web.a')).toEqual({ names: [all[1]], next: null })
    expect(await ask('/api/names?match=*.[b-z]')).toEqual({ names: [all[1]], next: null })
    expect(await ask('/api/names?timeseries=ids')).toEqual({ names: [all[2]], next: null })
  })

  it('data over time, in the right interval by itself', async () => {
    const { points, ...chosen } = await ask('/api/query?timeseries=hits&names=web.a&start=-5min')
    expect(chosen).toEqual({ timeseries: 'hits', type: 'count', interval: 'minute', every: null, zone: 'UTC' })
    expect(points).toEqual(
      [-5, -4, -3, -2, -1, 0].map((minute) => [NOW + minute * 60, minute === -3 ? 3 : minute === -1 ? 1 : 0]),
    )
    const joined = await ask('/api/query', {
      timeseries: 'hits',
      match: 'web.*',
      start: '2024-02-29T11:00:00Z',
      maxPoints: 5,
      fill: null,
      explain: true,
    })
    expect([joined.every, joined.points, (joined.why as string[]).length]).toEqual([
      '15min',
      [
        [NOW - 3600, null],
        [NOW - 2700, null],
        [NOW - 1800, null],
        [NOW - 900, 8],
        [NOW, null],
      ],
      1,
    ])
    const split = await ask(
      '/api/query?timeseries=hits&names=web.a&names=none&start=-2min&split=true&transform=rate&fill=none',
    )
    expect(split.series).toEqual([
      { name: 'web.a', points: [[NOW - 60, 1 / 60]] },
      { name: 'none', points: [] },
    ])
  })

  it('data of an interval and a step that are chosen', async () => {
    const every = await ask('/api/query', {
      timeseries: 'hits',
      names: 'web.a',
      interval: 'hour',
      every: '2h',
      start: NOW - 7200,
    })
    expect([every.every, every.points]).toEqual([
      '2h',
      [
        [NOW - 7200, 74],
        [NOW, 0],
      ],
    ])
    expect((await ask(`/api/query?timeseries=hits&names=web.a&interval=hour&every=7200&start=-2h`)).points).toEqual(
      every.points,
    )
    const ids = await ask('/api/query?timeseries=ids&names=x&start=-1min&interval=hour')
    expect(ids.points).toEqual(
      [
        [NOW - 3600, ['5', '7']],
        [NOW, []],
      ].slice(0),
    )
    const several = await ask('/api/query?timeseries=times&names=web.a&start=-1min&transform=count&transform=p50')
    expect((several.points as [number, object][])[0]![1]).toEqual({ count: 3, p50: expect.closeTo(2, 1) })
  })

  it('the names with most', async () => {
    expect(await ask('/api/top?timeseries=hits&interval=minute&start=-1h&limit=1')).toEqual({
      entries: [{ name: 'web.a', value: 4 }],
    })
    expect(await ask('/api/top', { timeseries: 'ids', interval: 'hour', by: 'sum', match: '*' })).toEqual({
      entries: [{ name: 'x', value: '12' }],
    })
  })

  it.each([
    ['/api/query?names=a&start=0', 'timeseries must be one of hits, times, ids, not left out'],
    ['/api/query?timeseries=hits&start=0', 'either names or match must be given'],
    ['/api/query?timeseries=hits&names=a', 'start must be given, not left out'],
    ['/api/query?timeseries=hits&names=a&start=soon', 'a time must be like'],
    ['/api/query?timeseries=hits&names=a&start=0&from=1', 'not "from"'],
    ['/api/query?timeseries=hits&names=a&start=0&transform=p95', 'p95'],
    ['/api/query?timeseries=hits&names=a&start=0&fill=nine', "fill must be 'none'"],
    ['/api/query?timeseries=hits&names=a&start=0&zone=Mars', 'must be a time zone'],
    ['/api/query?timeseries=hits&names=a&start=0&every=1h', 'must be given with interval'],
    ['/api/query?timeseries=hits&names=a&start=0&interval=week', 'interval must be one of minute, hour'],
    ['/api/query?timeseries=hits&names=a&start=0&interval=minute', 'must have at most 1000000 points'],
    ['/api/query?timeseries=hits&names=a&start=0&maxPoints=0', 'maxPoints must be a whole number'],
    ['/api/top?timeseries=times&interval=hour&by=p101', 'p101'],
    ['/api/names?limit=many', 'limit must be a whole number'],
  ])('and what is wrong: %s', async (path, message) => {
    expect((await ask(path)).error).toContain(message)
    expect(String((await ask(path)).error).length).toBeLessThan(300)
    expect((await answers.ask(path)).status).toBe(400)
  })

  it.each([
    [
      'more names than a call takes arguments',
      JSON.stringify({ timeseries: 'hits', start: 0, names: Array.from({ length: 200_000 }, (_, at) => `n${at}`) }),
      'at most 10000 names',
    ],
    [
      'levels without end',
      `{"start":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
      'start must be a number or a text, not a list of 1',
    ],
  ])('and what is wrong with %s', async (_what, body, message) => {
    const answer = await answers.ask('/api/query', body)
    expect([answer.status, await answer.json()]).toEqual([400, { error: expect.stringContaining(message) }])
  })
})
