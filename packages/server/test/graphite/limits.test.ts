import { compareCodePoints } from '@kairos/core/driver'
import { beforeAll, expect, it } from 'vitest'
import { mapRows } from '../../src/graphite/aligned.ts'
import { Budget } from '../../src/graphite/budget.ts'
import { functionNamed } from '../../src/graphite/functions/index.ts'
import { sortedInTurns } from '../../src/graphite/sorted.ts'
import { createTurns } from '../../src/graphite/turns.ts'
import { answersOf, NOW } from '../fixtures/answers.ts'

const intervals = { minute: { step: '1min', steps: 240 } } as const
const answers = answersOf({ hits: { type: 'count', intervals } })

beforeAll(async () => {
  for (const name of ['web.a', 'web.b', `long.${'n'.repeat(900)}`])
    await answers.timeseries('hits').insert(name, 3, { timestamp: NOW - 60 })
})

type Fields = readonly (readonly [name: string, value: string])[]
const formOf = (fields: Fields) => new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value]))

/** What is wrong with a request that is a few characters, and would take gigabytes or minutes. */
async function refusal(path: string, fields: Fields): Promise<string> {
  const answer = await answers.ask(path, formOf(fields))
  expect(answer.status).toBe(400)
  return ((await answer.json()) as { error: string }).error
}

const targets = (...list: string[]) => list.map((target) => ['target', target] as const)

it('names that are made longer and longer cost as much as numbers', async () => {
  const repeated = '%'.repeat(15_000)
  const long = `applyByNode(long.*,1,"%","${repeated}")`
  expect(await refusal('/render', targets(...Array.from({ length: 4 }, () => long)))).toMatch(
    /at most 50000000 numbers/,
  )
  const few = `applyByNode(web.*,1,"%","% of %")`
  expect((await answers.ask(`/render?target=${encodeURIComponent(few)}`)).status).toBe(200)
})

it('a template is no larger than a target', async () => {
  const many = `template(a.${'$x'.repeat(5_000)})`
  expect(await refusal('/render', [...targets(many), ['template[x]', 'y'.repeat(2_001)]])).toMatch(
    /x must have at most 2000 characters/,
  )
  expect(await refusal('/render', [...targets(many), ['template[x]', 'y'.repeat(2_000)]])).toMatch(
    /a path must have at most 16384/,
  )
  const variables = Array.from({ length: 101 }, (_, at) => [`template[v${at}]`, 'y'] as const)
  expect(await refusal('/render', [...targets('template(a.$x)'), ...variables])).toMatch(/at most 100 variables/)
})

it('a pattern costs what it takes to match, in whatever request', async () => {
  for (let at = 0; at < 3; at++)
    await answers.timeseries('hits').insert(`glob.${'a'.repeat(990)}${at}`, 1, { timestamp: NOW })
  const cheap = answersOf({ hits: { type: 'count', intervals } }, { maxFunctionCost: 1_000 })
  await cheap.timeseries('hits').insert(`glob.${'a'.repeat(990)}`, 1, { timestamp: NOW })
  for (const path of ['/metrics/find?query=', '/render?target=', '/api/names?match=', '/federate?match[]=']) {
    const asked = path + encodeURIComponent(`glob.*${'a'.repeat(40)}{0,1}`)
    expect([path, (await cheap.ask(asked)).status, (await answers.ask(asked)).status]).toEqual([path, 400, 200])
  }
})

it('an answer is no longer than the server may hold', async () => {
  const small = answersOf({ hits: { type: 'count', intervals } }, { maxBodyBytes: 100_000, maxBufferedBytes: 100_000 })
  const target = encodeURIComponent(`alias(randomWalk("a",60),"${'n'.repeat(300)}")`)
  const ask = (format: string) => small.ask(`/render?target=${target}&from=-1d&format=${format}`)
  expect(await (await ask('csv')).json()).toEqual({ error: expect.stringContaining('at most 100000 bytes') })
  expect((await ask('json')).status).toBe(200)
  expect((await small.ask('/version')).status).toBe(200)
})

it('others have a turn while series are worked through, and a client that has left is not waited for', async () => {
  let turns = 0
  const left = new AbortController()
  const turn = async (): Promise<void> => {
    turns++
    left.signal.throwIfAborted()
  }
  const one = {
    name: 'a',
    path: 'a',
    start: 0,
    end: 60,
    step: 60,
    values: [1.25],
    tags: {},
    consolidation: 'sum',
    xFilesFactor: 0,
  }
  const list = Array.from({ length: 30 }, () => one)
  const call = (name: string, more: Record<string, unknown> = {}) => {
    const given = new Map<string, unknown[]>([
      ['seriesList', [list]],
      ...Object.entries(more).map(([key, value]) => [key, [value]] as [string, unknown[]]),
    ])
    turns = 0
    return functionNamed(name).call(
      name,
      given as never,
      { turn, spend: () => {}, make: () => {}, range: { start: 0, end: 60 } } as never,
    )
  }
  for (const [name, more] of [
    ['perSecond', {}],
    ['scale', { factor: 2 }],
    ['summarize', { intervalString: '1min' }],
    ['aliasSub', { search: 'a', replace: 'b' }],
    ['highestMax', { n: 1 }],
    ['sumSeries', { seriesLists: list }],
    ['grep', { pattern: 'a' }],
  ] as const) {
    await call(name, more)
    expect([name, turns >= 30], name).toEqual([name, true])
  }
  left.abort()
  await expect(call('scale', { factor: 2 })).rejects.toThrow(/abort/)
})

it('a series that is made has no more points than an answer may have', async () => {
  for (const target of ['randomWalk("a",1)', 'summarize(constantLine(1),"1s")', 'hitcount(constantLine(1),"1s")'])
    expect(await refusal('/render', [...targets(target), ['from', '-1y']])).toMatch(
      /a series must have at most 1000000 points/,
    )
})

it('there are not more patterns, stats or fields than one request may have', async () => {
  const many = Array.from({ length: 101 }, (_, at) => ['query', `web.${at}*`] as const)
  expect(await refusal('/metrics/expand', many)).toMatch(/at most 100 queries, not 101/)
  const stats = Array.from({ length: 10 }, () => 'stat=web.a').join('&')
  const start = NOW - 60 * 150_000
  expect((await answers.ask(`/series?start=${start}&stat=web.a`)).status).toBe(200)
  expect((await answers.ask(`/series?start=${start}&${stats}`)).status).toBe(400)
  expect((await answers.ask('/render', formOf(Array.from({ length: 10_001 }, () => ['a', ''])))).status).toBe(413)
  expect((await answers.ask('/render', formOf([['a', 'x'.repeat(5_000_000)]]))).status).toBe(413)
  expect((await answers.ask('/api/query', ' '.repeat(5_000_001))).status).toBe(413)
})

it('texts are sorted in turns, by their code points', async () => {
  const texts = Array.from({ length: 100 }, (_, at) => `${(at * 37) % 100}${at % 3 === 0 ? '\u{1f600}' : '\uff5e'}`)
  expect(await sortedInTurns(texts, 7)).toEqual(texts.toSorted(compareCodePoints))
  expect(await sortedInTurns([])).toEqual([])
})

it('long answers are written in pieces, and are whole', async () => {
  const ask = async (more: string) => (await answers.ask(`/render?target=time("a",1)&from=-4h${more}`)).text()
  const [{ datapoints }] = JSON.parse(await ask('')) as [{ datapoints: [number, number][] }]
  expect([
    datapoints.length,
    datapoints.every(([value, at], index) => value === at && at === NOW - 14_400 + index),
  ]).toEqual([14_400, true])
  const rows = (await ask('&format=csv')).split('\r\n')
  expect([rows.length, rows[14_399]]).toEqual([14_401, `a,2024-02-29 11:59:59,${NOW - 1}`])
  expect((await ask('&format=raw')).split('|')[1]!.split(',')).toHaveLength(14_400)
})

it('lists no more names than an answer may hold', async () => {
  const small = answersOf({ hits: { type: 'count', intervals } }, { maxBodyBytes: 100, maxBufferedBytes: 100 })
  for (const name of ['a', 'n'.repeat(60)]) await small.timeseries('hits').insert(name, 1, { timestamp: NOW })
  expect(await small.json('/metrics/index.json')).toEqual(['a', 'n'.repeat(60)])
  await small.timeseries('hits').insert('o'.repeat(60), 1, { timestamp: NOW })
  expect(await small.json('/metrics/index.json')).toEqual({ error: expect.stringContaining('node by node') })
})

it('others have a turn while rows are worked through', async () => {
  let turns = 0
  const turn = async () => void turns++
  const columns = [new Array(50_000).fill(1), new Array(50_000).fill(2)]
  const aligned = {
    start: 0,
    end: 50_000,
    step: 1,
    columns,
    length: 50_000,
    row: (at: number) => columns.map((each) => each[at]),
  }
  const sums = await mapRows(aligned, ([one, other]) => one! + other!, { turn })
  expect([sums.length, sums.at(-1), turns]).toEqual([50_000, 3, 5])
})

it('all requests together work through twice as many numbers as one may', () => {
  const work = { numbers: 0 }
  const [one, other, third] = [new Budget(100, work), new Budget(100, work), new Budget(100, work)]
  one.spend(100)
  other.spend(100)
  expect(() => third.spend(1)).toThrow(expect.objectContaining({ status: 503 }))
  expect(() => one.spend(1)).toThrow(expect.objectContaining({ status: 400 }))
  for (const budget of [one, third]) budget.release()
  new Budget(100, work).spend(1)
  other.release()
  expect(work.numbers).toBe(1)
})

it('costs that come after a request, or are not numbers, are not held', () => {
  const work = { numbers: 0 }
  const [late, endless] = [new Budget(100, work), new Budget(100, work)]
  late.release()
  expect(() => late.spend(50)).toThrow('the request is over')
  for (const cost of [Number.POSITIVE_INFINITY, Number.NaN])
    expect(() => endless.spend(cost)).toThrow(expect.objectContaining({ status: 400 }))
  endless.release()
  expect(work.numbers).toBe(0)
})

it('a request that fails leaves nothing behind, while its other targets are still worked on', async () => {
  const few = answersOf({ hits: { type: 'count', intervals } }, { maxFunctionCost: 200_000 })
  const target = 'scale(randomWalk("a",1),2)'
  for (let round = 0; round < 20; round++) {
    const failed = await few.ask('/render', formOf([...targets(target, target, 'nothing('), ['from', '-1h']]))
    expect(failed.status).toBe(400)
  }
  expect((await few.ask('/render', formOf([...targets(target), ['from', '-1h']]))).status).toBe(200)
})

it('one request continues in each turn of the event loop, in their order', async () => {
  const turn = createTurns(0)
  const steps: string[] = []
  let loops = 0
  const counting = (): void => {
    loops++
    if (steps.length < 9) setImmediate(counting)
  }
  setImmediate(counting)
  const work = async (name: string): Promise<number[]> => {
    const at: number[] = []
    for (let piece = 0; piece < 3; piece++) {
      await turn()
      steps.push(name)
      at.push(loops)
    }
    return at
  }
  const began = (await Promise.all(['a', 'b', 'c'].map(work))).flat()
  expect([steps.join(''), new Set(began).size]).toEqual(['abcabcabc', 9])
  await createTurns(1_000)()
})
