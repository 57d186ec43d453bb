import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { type Answers, answersOf, NOW } from '../fixtures/answers.ts'

const intervals = { minute: { step: '1min', steps: 240 }, hour: { step: '1h', steps: 48 } } as const
const MINUTE = 60
const at = (minutes: number) => ({ timestamp: NOW + minutes * MINUTE })

let answers: Answers
beforeAll(async () => {
  answers = answersOf({
    counts: { type: 'count', intervals },
    metrics: { type: 'summary', intervals },
    timings: { type: 'distribution', intervals },
    gauges: { type: 'gauge', intervals },
    words: { type: 'gauge', valueType: 'string', intervals },
    days: { type: 'count', intervals: { day: { step: 'daily', zone: 'Europe/Berlin', steps: 100 } } },
  })
  const [counts, metrics, timings, gauges] = ['counts', 'metrics', 'timings', 'gauges'].map((name) =>
    answers.timeseries(name),
  )
  for (const [name, factor] of [
    ['web.a.hits', 1],
    ['web.b.hits', 10],
  ] as const)
    for (const minute of [-5, -4, -2, -1, 0]) await counts!.insert(name, factor * (minute + 6), at(minute))
  await metrics!.insert('load', [1, 2, 6], at(-1))
  await metrics!.insert('web.a', [7], at(-1))
  await timings!.insert(
    'web.a.latency',
    Array.from({ length: 100 }, (_, index) => index + 1),
    at(-1),
  )
  await gauges!.insert('disk.used;host=h1;rack=r1', 5, at(-1))
  await gauges!.insert('disk.used;host=h2;rack=r1', 6, at(-1))
  await answers.timeseries('words').insert('web.a.word', 'text', at(-1))
})

const render = (target: string, more = '') =>
  answers.json(`/render?from=-4min&target=${encodeURIComponent(target)}${more}`) as Promise<
    { target: string; tags: object; datapoints: unknown[] }[]
  >

describe('/render', () => {
  it('answers counts, with null where nothing was counted', async () => {
    expect(await render('web.*.hits')).toEqual([
      {
        target: 'web.a.hits',
        tags: { name: 'web.a.hits' },
        datapoints: [
          [2, NOW - 240],
          [null, NOW - 180],
          [4, NOW - 120],
          [5, NOW - 60],
          [6, NOW],
        ],
      },
      expect.objectContaining({ target: 'web.b.hits' }),
    ])
  })

  it('takes a form with several targets, variables and a zone', async () => {
    const fields = { from: '12:55_20240229', until: 'now', tz: 'Europe/Berlin', 'template[host]': 'b' }
    const form = new URLSearchParams(fields)
    form.append('target', 'template(web.$host.hits)')
    form.append('target', 'alias(sumSeries(web.*.hits),"all")')
    const [first, second] = (await answers.json(`/render?${form}`)) as { target: string; datapoints: unknown[] }[]
    expect(await answers.json('/render', { ...fields, target: 'web.b.hits' })).toEqual([first])
    expect([first!.target, second!.target, second!.datapoints[0]]).toEqual(['web.b.hits', 'all', [11, NOW - 300]])
  })

  it('adds counts and weighs means where fewer points are asked for', async () => {
    const [hits] = await render('web.a.hits', '&from=-20min&maxDataPoints=4')
    expect(hits!.datapoints).toEqual([
      [null, NOW - 1200],
      [12, NOW - 600],
      [6, NOW],
    ])
    const [load] = await render('load', '&from=-20min&maxDataPoints=4')
    expect(load!.datapoints).toEqual([
      [null, NOW - 1200],
      [3, NOW - 600],
      [null, NOW],
    ])
  })

  it('shows several points as one where functions look at each', async () => {
    const [most] = await render('consolidateBy(web.a.hits,"max")', '&from=-20min&maxDataPoints=4')
    expect(most!.datapoints).toEqual([
      [null, NOW - 1200],
      [null, NOW - 780],
      [6, NOW - 360],
    ])
  })

  it('loses nothing where a finer interval ends', async () => {
    const own = answersOf({ counts: { type: 'count', intervals } })
    for (const minute of [-290, -250, -10]) await own.timeseries('counts').insert('hits', 1, at(minute))
    const values = async (from: string) => {
      const [{ datapoints }] = (await own.json(`/render?target=hits&from=${from}&noNullPoints=1`)) as [
        { datapoints: [number][] },
      ]
      return datapoints.map(([value]) => value)
    }
    expect(await values('-5h')).toEqual([2, 1])
    expect(await values('-4h')).toEqual([1])
  })

  it('answers statistics as last nodes', async () => {
    const last = async (target: string) =>
      (await render(target, '&noNullPoints=true')).map(({ target, datapoints }) => [
        target,
        (datapoints[0] as [number])[0],
      ])
    expect(await last('load')).toEqual([['load', 3]])
    expect(await last('load.{count,max,last}')).toEqual([
      ['load.count', 3],
      ['load.last', 6],
      ['load.max', 6],
    ])
    expect(await last('load.*')).toEqual([])
    const [count, p95, upper] = await last('web.a.latency.{count,p95,upper}')
    expect([count, p95![0], upper![0]]).toEqual([
      ['web.a.latency.count', 100],
      'web.a.latency.p95',
      'web.a.latency.upper',
    ])
    expect(p95![1]).toBeCloseTo(95, -1)
    expect((await last('web.a.latency.*')).map(([name]) => (name as string).slice(14))).toEqual([
      'count',
      'lower',
      'mean',
      'median',
      'p75',
      'p90',
      'p95',
      'p99',
      'rate',
      'sum',
      'upper',
    ])
    expect(await last('web.a.latency')).toEqual([])
    expect(await last('web.a.word')).toEqual([])
  })

  it('keeps the points of a calendar apart', async () => {
    const days = answers.timeseries('days')
    for (const [day, value] of [
      [-40, 4],
      [-2, 2],
      [-1, 1],
    ] as const)
      await days.insert('d', value, at(day * 1440))
    const [found] = await render('d', '&from=-40d&noNullPoints=true')
    expect(found!.datapoints).toEqual([
      [4, Date.UTC(2024, 0, 19, 23) / 1000],
      [2, Date.UTC(2024, 1, 26, 23) / 1000],
      [1, Date.UTC(2024, 1, 27, 23) / 1000],
    ])
  })

  it('reads what lies before for moving windows, and other times', async () => {
    const values = async (target: string) =>
      (await render(target, '&from=-2min'))[0]!.datapoints.map((point) => (point as [number])[0])
    expect(await values('movingSum(web.a.hits,3)')).toEqual([6, 9, 15])
    expect(await values('movingSum(web.a.hits,"2min")')).toEqual([4, 9, 11])
    expect(await values('timeShift(web.a.hits,"3min")')).toEqual([1, 2, null])
  })

  it('writes csv and raw', async () => {
    const text = async (format: string) =>
      await (await answers.ask(`/render?target=web.a.hits&from=-2min&tz=Europe/Berlin&format=${format}`)).text()
    expect(await text('csv')).toBe(
      'web.a.hits,2024-02-29 12:58:00,4\r\nweb.a.hits,2024-02-29 12:59:00,5\r\nweb.a.hits,2024-02-29 13:00:00,6\r\n',
    )
    expect(await text('raw')).toBe(`web.a.hits,${NOW - 120},${NOW + 60},60|4.0,5.0,6.0\n`)
  })

  it.each([
    ['/render?target=web.a.hits&from=now&until=-1h', 'from must be before until'],
    ['/render?target=web.a.hits&from=-1x', 'a span must be like'],
    ['/render?target=timeShift(web.a.hits,"999999999999y",true,true)&tz=Europe/Berlin', 'within 270,000 years'],
    [`/render?target=web.a.hits&format=${'x'.repeat(5_000)}`, `not "${'x'.repeat(64)}"`],
    ['/render?target=web.a.hits&tz=Mars', 'tz must be a time zone'],
    ['/render?target=web.a.hits&format=png', 'format must be json, csv, raw, not "png"'],
    ['/render?target=web.a.hits&maxDataPoints=-3', 'maxDataPoints must be a whole number'],
    ['/render?target=sumSerie(web.a.hits)', 'there is no function "sumSerie"; did you mean sumSeries'],
    ['/render?target=percentile(web.a.hits)', 'did you mean nPercentile'],
    ['/render?target=scale(web.a.hits)', 'scale: factor must be a number, not left out'],
    ['/render?target=scale(web.a.hits,1,2)', 'scale takes at most 2 arguments, not 3'],
    ['/render?target=scale(web.a.hits,by=1)', 'scale has the parameters seriesList, factor, not "by"'],
    ['/render?target=scale(1,2)', 'scale: seriesList must be series, not 1'],
    ['/render?target=summarize(web.a.hits,"0s")', 'must be a span of at least one second'],
    ['/render?target=aliasSub(web.a.hits,"(","")', 'a regular expression must be valid for RE2'],
    ['/render?target=aliasSub(web.a.hits,"h","\\1")', 'has no group "1"'],
    ['/render?target=seriesByTag("host")', 'a tag expression must be like'],
    [
      '/render?target=reduceSeries(mapSeries(web.*.hits,1),"timeStack",2,"hits")',
      'timeStack: seriesList must be series that can be read at other times, not series',
    ],
  ])('says what is wrong: %s', async (path, message) => {
    const answer = await answers.ask(path.replaceAll('+', '%2B'))
    expect([answer.status, ((await answer.json()) as { error: string }).error]).toEqual([
      400,
      expect.stringContaining(message),
    ])
  })
})

describe('names', () => {
  it('are found node by node', async () => {
    const branch = (id: string) => ({ id, text: id.split('.').at(-1), allowChildren: 1, expandable: 1, leaf: 0 })
    const leaf = (id: string) => ({ ...branch(id), allowChildren: 0, expandable: 0, leaf: 1 })
    expect(await answers.json('/metrics/find?query=*')).toEqual([branch('web'), leaf('d'), leaf('load')])
    expect(await answers.json('/metrics/find', { query: 'web.*' })).toEqual([branch('web.a'), branch('web.b')])
    expect(await answers.json('/metrics/find?query=web.a.*')).toEqual([branch('web.a.latency'), leaf('web.a.hits')])
    expect(await answers.json('/metrics/find?query=web.a.latency.p9*')).toEqual(
      ['p90', 'p95', 'p99'].map((node) => leaf(`web.a.latency.${node}`)),
    )
    expect(await answers.json('/metrics/find?query=we&format=completer')).toEqual({
      metrics: [{ path: 'web.', name: 'web', is_leaf: '0' }],
    })
    expect((await answers.ask('/metrics/find')).status).toBe(400)
  })

  it('are expanded and listed', async () => {
    expect(await answers.json('/metrics/expand?query=web.*.hits&query=web.a')).toEqual({
      results: ['web.a', 'web.a.hits', 'web.b.hits'],
    })
    expect(await answers.json('/metrics/expand?query=web.*&groupByExpr=1&leavesOnly=1')).toEqual({
      results: { 'web.*': ['web.a'] },
    })
    expect(await answers.json('/metrics/index.json')).toEqual(
      expect.arrayContaining(['load', 'web.a.latency.p95', 'web.b.hits']),
    )
  })

  it('are found by tags', async () => {
    const both = ['disk.used;host=h1;rack=r1', 'disk.used;host=h2;rack=r1']
    expect(await answers.json('/tags/findSeries?expr=name=disk.used&expr=host=~h')).toEqual(both)
    expect((await render('seriesByTag("rack=r1","host!=h1")')).map(({ target, tags }) => [target, tags])).toEqual([
      [both[1], { name: 'disk.used', host: 'h2', rack: 'r1' }],
    ])
    expect((await render('seriesByTag("name=web.a.latency.p99_9")')).map(({ target }) => target)).toEqual([
      'web.a.latency.p99_9',
    ])
    expect(await answers.json('/tags')).toEqual([{ tag: 'host' }, { tag: 'name' }, { tag: 'rack' }])
    expect(await answers.json('/tags/host')).toEqual({
      tag: 'host',
      values: [
        { value: 'h1', count: 1 },
        { value: 'h2', count: 1 },
      ],
    })
    expect(await answers.json('/tags/autoComplete/tags?expr=rack=r1&limit=1')).toEqual(['host'])
    expect(await answers.json('/tags/autoComplete/values?expr=rack=r1&tag=host&valuePrefix=h')).toEqual(['h1', 'h2'])
    expect((await answers.ask('/tags/none')).status).toBe(404)
    expect((await render('aliasByTags(sumSeries(web.*.hits),"constructor","__proto__")'))[0]!.target).toBe('.')
    const own = answersOf({ counts: { type: 'count', intervals } })
    await own.timeseries('counts').insert({ name: 'disk', 'a;b': '50%;', path: '%41' }, 1, at(-1))
    await own.timeseries('counts').insert('disk;path=%41', 1, at(-1))
    expect(await own.json('/tags')).toEqual([{ tag: 'a;b' }, { tag: 'name' }, { tag: 'path' }])
    expect(await own.json('/tags/a;b')).toMatchObject({ values: [{ value: '50%;' }] })
    expect(await own.json('/tags/path')).toMatchObject({ values: [{ value: '%41', count: 2 }] })
  })
})

it('lists its functions for Grafana’s editor', async () => {
  const functions = (await answers.json('/functions')) as Record<string, object>
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  expect(Object.keys(functions).filter((name) => !readme.includes(`\`${name}\``))).toEqual([])
  expect(functions.summarize).toEqual(await answers.json('/functions/summarize'))
  expect(functions.summarize).toMatchObject({
    function: 'summarize(seriesList, intervalString, func, alignToFrom)',
    group: 'Transform',
    params: [
      { name: 'seriesList', type: 'seriesList', required: true },
      { name: 'intervalString', type: 'interval', required: true, suggestions: ['10min', '1h', '1d'] },
      { name: 'func', type: 'aggFunc', default: 'sum', options: expect.arrayContaining(['max']) },
      { name: 'alignToFrom', type: 'boolean', default: false },
    ],
  })
  expect(Object.keys((await answers.json('/functions?grouped=true')) as object)).toContain('Combine')
  expect(await (await answers.ask('/version')).text()).toBe('1.1.10\n')
  expect(await answers.json('/events/get_data?from=-1h&until=now&tags=deploy')).toEqual([])
})

it('lets values come in while functions work', async () => {
  const target = 'scale(scale(scale(constantLine(1),2),3),4)'
  await render(target)
  let time = performance.now()
  // As if each look at the clock came long after the one before.
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (time += 1_000))
  try {
    let others = 0
    let isDone = false
    const other = (): void => {
      others++
      if (!isDone) setImmediate(other)
    }
    setImmediate(other)
    await render(target)
    isDone = true
    expect(others).toBeGreaterThan(3)
  } finally {
    clock.mockRestore()
  }
})

describe('limits', () => {
  const wide = async (limits: object, count = 20) => {
    const limited = answersOf({ counts: { type: 'count', intervals } }, limits)
    const names = Array.from({ length: count }, (_, index) => [`a.n${index % 7}.x${index}`, [1]] as const)
    await limited.timeseries('counts').bulkInsert(new Map([[NOW - MINUTE, new Map(names)]]))
    return limited
  }
  it.each([
    ['maxNames', { maxNames: 10 }, 'a.*.*', 'must match at most 10 names'],
    ['maxPoints', { maxPoints: 100 }, 'a.*.*', 'at most 100 points'],
    [
      'maxFunctionCost',
      { maxFunctionCost: 25_000 },
      'scale(scale(scale(scale(scale(a.n1.x1,1),1),1),1),1)',
      'at most 25000 numbers',
    ],
    ['moving windows', { maxFunctionCost: 100_000 }, 'movingMedian(a.*.*,100)', 'at most 100000 numbers'],
    ['patterns', { maxFunctionCost: 30_000 }, `grep(a.*.*,"${'(a*)*'.repeat(100)}b")`, 'at most 30000 numbers'],
    ['reads', { maxFunctionCost: 100_000 }, 'applyByNode(a.*.*,2,"%")', 'at most 100000 numbers'],
    [
      'functions in functions',
      { maxFunctionCost: 1_000_000 },
      `${'movingMedian('.repeat(20)}a.n1.x1${Array.from({ length: 20 }, (_, index) => `,${index + 1})`).join('')}`,
      'numbers',
    ],
  ])('%s', async (_, limits, target, message) => {
    const answer = await (await wide(limits)).ask(`/render?target=${encodeURIComponent(target)}`)
    expect([answer.status, ((await answer.json()) as { error: string }).error]).toEqual([
      400,
      expect.stringContaining(message),
    ])
  })

  it('of names pass over what a pattern has settled', async () => {
    const limited = await wide({ maxNamesRead: 8_000 }, 12_000)
    const counts = limited.timeseries('counts')
    expect(await limited.json('/metrics/find?query=a.*')).toHaveLength(7)
    expect(await limited.json('/metrics/find?query=*')).toHaveLength(1)
    expect(await limited.json('/metrics/expand?query=a.n3.x3')).toEqual({ results: ['a.n3.x3'] })
    expect((await limited.ask('/metrics/find?query=a.*.y')).status).toBe(400)
    await counts.close()
  })
})
