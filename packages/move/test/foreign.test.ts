import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { digest, migrate, openLegacy, openRedisCounters, openRrd, openWhisper } from '../src/index.ts'
import { allOf, timeseriesOf } from './support/samples.ts'

const folder = join(import.meta.dirname, 'foreign')
const scratch = mkdtempSync(join(tmpdir(), 'kairos-foreign-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe('files of Whisper', () => {
  const root = join(folder, 'whisper')
  /** What `whisper.fetch` gave of each archive at a moment: `make_files.py`. */
  const fetched = readFileSync(join(root, 'fetched.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { file: string; now: number; fetched: Record<string, [number, number][]> })

  it.each(fetched)('give what whisper.fetch gives: $file', async ({ file, now, fetched: expected }) => {
    const source = await openWhisper({ name: join(root, file) }, { now })
    for (const [interval, points] of Object.entries(expected))
      expect((await allOf(source.cells({ intervals: [interval] }))).map(({ start, value }) => [start, value])).toEqual(
        points,
      )
    expect((await digest(source)).cells).toBe(Object.values(expected).flat().length)
  })

  it('are one timeseries, which can be migrated, and what is not such a file is reported', async () => {
    const source = await openWhisper(root)
    expect(await allOf(source.names())).toEqual(['empty', 'events.logins', 'servers.a.load', 'servers.b.old'])
    expect(await allOf(source.names({ prefix: 's', after: 'servers.a.load' }))).toEqual(['servers.b.old'])
    expect(source.report()).toEqual([
      { reason: 'it is not a Whisper file, or is cut off', count: 1, examples: [join(root, 'broken.wsp')] },
    ])
    const intervals = { minute: { step: 60 }, '5min': { step: 300 }, '10min': { step: 600 }, hour: { step: '1h' } }
    const target = timeseriesOf({ type: 'gauge', intervals })
    const { plan, verified } = await migrate(source, target, { verify: true, intervals: ['minute', 'hour'] })
    expect(plan.intervals).toEqual([
      { interval: 'hour', from: '3600s', how: 'copied' },
      { interval: 'minute', from: '60s', how: 'copied' },
    ])
    expect(verified!.equal).toBe(true)
    expect(verified!.target.cells).toBeGreaterThan(80)
  })

  it('are gone on with behind a cell, and read within a time', async () => {
    const source = await openWhisper(root)
    const all = await allOf(source.cells())
    expect(all.length).toBeGreaterThan(150)
    for (const at of [0, 29, 30, 100, all.length - 1])
      expect(await allOf(source.cells({ after: all[at]!.cursor }))).toEqual(all.slice(at + 1))
    const [start, end] = [all[40]!.start, all[40]!.start + 3_600]
    const names = ['servers.a.load', 'events.logins']
    expect(await allOf(source.cells({ names, start, end, intervals: ['60s'] }))).toEqual(
      all.filter(
        (cell) => names.includes(cell.name) && cell.interval === '60s' && cell.start > start - 60 && cell.start <= end,
      ),
    )
  })

  it.each([
    [{ start: new Date('nonsense') }, 'the timestamp must be a Date, or seconds since the epoch'],
    [{ end: 1_700_000_000_000 }, 'this looks like milliseconds'],
    [{ start: 2, end: 1 }, 'start must be at or before end (1), not 2'],
  ])('are refused %o, as a timeseries refuses it', async (options, message) => {
    const source = await openWhisper(root)
    await expect(allOf(source.cells(options))).rejects.toThrow(message)
    await expect(
      migrate(source, timeseriesOf({ type: 'gauge', intervals: { hour: { step: '1h' } } }), options),
    ).rejects.toThrow(message)
  })

  it('of sums are counts', async () => {
    const source = await openWhisper(root, { type: 'count' })
    expect(await allOf(source.names())).toEqual(['events.logins'])
    expect(source.report()).toHaveLength(4)
    const counts = timeseriesOf({ type: 'count', intervals: { '2min': { step: 120 } } })
    expect((await migrate(source, counts, { verify: true })).verified!.equal).toBe(true)
  })

  it.each([
    [join(scratch), {}, 'files must be a place with Whisper files (.wsp)'],
    [join(scratch, 'none'), {}, 'files must be a folder or a file'],
    [root, { type: 'set' }, "type must be 'gauge' or 'count', not \"set\""],
    [5, {}, 'files must be a path, or an object of paths, not 5'],
  ])('are refused: %o with %o', async (files, options, message) => {
    await expect(openWhisper(files as never, options as never)).rejects.toThrow(message)
  })
})

describe('dumps of RRDtool', () => {
  const root = join(folder, 'rrd')
  /** What `rrdtool fetch` printed of each archive: `make.sh`. It prints 11 digits, as `dump` does. */
  const printed = readdirSync(root).flatMap((file) => {
    const [, cf, span] = /^fetch-(\w+)-(\d+)\.txt$/.exec(file) ?? []
    return cf === undefined ? [] : [{ file, cf, span: Number(span) }]
  })

  it.each(printed)('give what rrdtool fetch gives: $cf of $span seconds', async ({ file, cf, span }) => {
    const lines = readFileSync(join(root, file), 'utf8').trim().split('\n').slice(1)
    const rows = lines.flatMap((line) => {
      const [, end, ...values] = /^(\d+): (\S+) (\S+)$/.exec(line) ?? []
      return end === undefined ? [] : [[Number(end) - span, ...values.map(Number)] as const]
    })
    expect(rows.length).toBeGreaterThan(8)
    const source = await openRrd(root, { cf })
    for (const [column, name] of [
      [1, 'router.in'],
      [2, 'router.out'],
    ] as const) {
      const cells = await allOf(source.cells({ names: name, intervals: [`${span}s`] }))
      const known = rows.flatMap((row) => (Number.isNaN(row[column]!) ? [] : [[row[0], row[column]]]))
      expect(cells.map(({ start, value }) => [start, value])).toEqual(known)
      expect(known.length).toBeGreaterThan(0)
    }
  })

  it('are one timeseries, which can be migrated', async () => {
    const source = await openRrd({ core: join(root, 'router.xml') })
    const target = timeseriesOf({ type: 'gauge', intervals: { minute: { step: 60 }, hour: { step: '1h' } } })
    const { names, verified } = await migrate(source, target, { verify: true })
    expect([names, verified!.equal]).toEqual([2, true])
    expect(await allOf(target.names())).toEqual(['core.in', 'core.out'])
    expect(source.report()).toEqual([])
  })

  it.each([
    ['<rrd><step>60</step></rrd>', {}, 'no lastupdate'],
    ['<rrd><step>60', {}, 'files must be what rrdtool dump wrote'],
    ['not XML', {}, 'files must be what rrdtool dump wrote'],
    ['<rrd><step>60</step><lastupdate>5</lastupdate><rra><cf>MIN</cf></rra></rrd>', {}, 'no pdp_per_row'],
    [undefined, { cf: 'LAST' }, 'cf must be one of AVERAGE, MAX, not "LAST"'],
  ])('are refused where they are something else: %o', async (content, options, message) => {
    const path = content === undefined ? join(root, 'router.xml') : join(scratch, 'dump.xml')
    if (content !== undefined) writeFileSync(path, content)
    await expect(openRrd(path, options)).rejects.toThrow(message)
  })
})

describe('keys of Redis', () => {
  /** Of which the first command fails. */
  function client(key: string, reply: unknown) {
    let calls = 0
    return {
      async call(command: string) {
        if (calls++ === 0) throw new Error('the server is gone')
        return command === 'SCAN' ? ['0', [key]] : reply
      },
    }
  }

  it('are listed again after a listing that failed', async () => {
    const sources = [
      await openRedisCounters(client('views:home:2026', ['5']), { keys: 'views:{name}:{yyyy}' }),
      await openLegacy(client('home:hour:5', '5'), { type: 'count', intervals: { hour: { step: 3_600 } } }),
    ]
    for (const source of sources) {
      await expect(allOf(source.names())).rejects.toThrow('the server is gone')
      expect(await allOf(source.names())).toEqual(['home'])
      expect((await allOf(source.cells())).map(({ value }) => value)).toEqual([5])
    }
  })
})
