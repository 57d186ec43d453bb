import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { memoryDriver } from '@kairos/core'
import type { StorageDriver } from '@kairos/core/driver'
import { afterAll, describe, expect, it } from 'vitest'
import { type AnyTimeseries, digest, type MigrationProgress, migrate, planMigration } from '../src/index.ts'
import { killedAndResumed } from './support/killed.ts'
import { allOf, emptySample, filledSample, SAMPLES, timeseriesOf } from './support/samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'kairos-migrate-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const file = (): string => join(folder, `${files++}`)

const long = process.env.KAIROS_TEST_SIZE === 'long'
const NOW = 1_700_000_000
const MINUTES = { type: 'count', intervals: { minute: { step: 60 } } }

function counts(
  intervals: object = { minute: { step: 60 }, hour: { step: '1h' } },
  driver?: StorageDriver,
): AnyTimeseries {
  return timeseriesOf({ type: 'count', intervals, now: () => NOW }, driver)
}

/** The memory driver, where this is done before each batch of replacements. */
function beforeReplacing(before: () => void | Promise<void>): StorageDriver {
  const driver = memoryDriver()
  return {
    ...driver,
    async open(...given) {
      const opened = await driver.open(...given)
      const { store } = opened
      const replace: typeof store.replace = async (...batch) => {
        await before()
        return store.replace!(...batch)
      }
      return { ...opened, store: { ...store, replace } }
    },
  }
}

/** In three groups of names. */
async function manyCounts(intervals?: object): Promise<AnyTimeseries> {
  const timeseries = counts(intervals)
  await timeseries.bulkInsert(
    Array.from({ length: 2_400 }, (_, index) => ({
      name: `n${String(index % 1_200).padStart(4, '0')}`,
      value: 1 + index,
      timestamp: NOW - (index % 7) * 600,
    })),
  )
  return timeseries
}

describe('a migration to the same configuration', () => {
  it.each(SAMPLES)('carries every cell of a %s', async (sample) => {
    const [source, target] = [await filledSample(sample), emptySample(sample)]
    const { verified, cells, names, plan, expired } = await migrate(source, target, { verify: true })
    expect((await digest(target)).digest).toBe((await digest(source)).digest)
    expect(verified).toEqual({ equal: true, source: await digest(source), target: await digest(source) })
    expect({ cells, names, expired, notes: plan.notes }).toEqual({
      cells: (await digest(source)).cells,
      names: 4,
      expired: 0,
      notes: [],
    })
  })

  it('may be repeated, replaces what is there, and says where the target has something else', async () => {
    const [source, target] = [await manyCounts(), counts()]
    await target.insert('n0001', 5, { timestamp: NOW - 600 })
    await target.insert('n0002', 5, { timestamp: NOW - 86_400 })
    await migrate(source, target)
    const { verified } = await migrate(source, target, { verify: true })
    expect(verified!.equal).toBe(false)
    expect(verified!.target.cells - verified!.source.cells).toBe(2)
    await target.delete('n0002')
    expect((await migrate(source, target, { verify: true })).verified!.equal).toBe(true)
  })

  it('carries the names, the intervals and the time that are asked for', async () => {
    const source = await manyCounts()
    const [target, options] = [counts(), { match: /[05]$/g, prefix: 'n00', intervals: ['minute'], verify: true }]
    const { plan, verified } = await migrate(source, target, { ...options, start: NOW - 1_200, end: NOW - 600 })
    expect(plan).toEqual({
      names: 20,
      intervals: [{ interval: 'minute', from: 'minute', how: 'copied' }],
      notes: [{ reason: 'left', interval: 'hour', text: '"hour" of the source is not carried over' }],
    })
    const cells = await allOf(target.cells())
    expect(new Set(cells.map(({ name }) => name))).toContain('n0005')
    expect(cells.every(({ start, interval }) => start >= NOW - 1_260 && start <= NOW - 600 && interval === 'minute'))
    expect(cells).toEqual(
      (await allOf(source.cells({ intervals: ['minute'], start: NOW - 1_200, end: NOW - 600 }))).filter(({ name }) =>
        /^n00.[05]$/.test(name),
      ),
    )
    expect(verified!.equal).toBe(true)
    expect((await migrate(source, counts(), { names: ['n0001', 'none'] })).names).toBe(2)
    expect((await migrate(source, counts(), { match: (name) => name === 'n0001' })).cells).toBeGreaterThan(1)
  })

  it('carries intervals under other names, and says what is left and what the target does not keep', async () => {
    const source = await manyCounts({ minute: { step: 60 }, hour: { step: '1h' }, day: { step: 'daily' } })
    const target = counts({ small: { step: 60, steps: 30 }, hour: { step: 3600 } })
    const plans: unknown[] = []
    const { plan, verified, expired } = await migrate(source, target, {
      verify: true,
      onPlan: async (made) => plans.push(made),
    })
    expect(plans).toEqual([plan])
    expect(plan).toEqual({
      names: 1_200,
      intervals: [
        { interval: 'hour', from: 'hour', how: 'copied' },
        { interval: 'small', from: 'minute', how: 'copied' },
      ],
      notes: [
        { reason: 'left', interval: 'day', text: '"day" of the source is not carried over' },
        {
          reason: 'retention',
          interval: 'small',
          text: '"small" keeps 30 buckets, fewer than "minute" of the source: what is older is not carried over',
        },
      ],
    })
    expect(verified!.equal).toBe(true)
    expect(verified!.source.intervals.small!.cells).toBeGreaterThan(500)
    expect(expired).toBeGreaterThan(500)
  })

  it('copies only what may have changed since', async () => {
    const [source, target] = [await manyCounts(), counts()]
    const { started } = await migrate(source, target)
    expect(started).toBe(NOW)
    await source.insert('n0001', 1_000, { timestamp: NOW + 5 })
    await source.insert('new', 1_000, { timestamp: NOW })
    const { cells } = await migrate(source, target, { since: started })
    expect(cells).toBeLessThan(2_000)
    expect((await digest(target)).digest).toBe((await digest(source)).digest)
    expect(await allOf(target.cells({ names: 'new' }))).toHaveLength(2)
  })

  it('of a store that is still written loses nothing, with a second copy', async () => {
    const intervals = { second: { step: 1 }, hour: { step: '1h' } }
    const [source, target] = [timeseriesOf({ type: 'count', intervals }), timeseriesOf({ type: 'count', intervals })]
    const names = Array.from({ length: 1_200 }, (_, index) => `n${index}`)
    await source.bulkInsert(names.map((name, index) => ({ name, timestamp: Date.now() / 1_000 - index * 60 })))
    let written = 0
    let isWriting = true
    const write = async (): Promise<void> => {
      while (isWriting) {
        await source.insert(names[written++ % names.length]!, 1)
        if (written % 3 === 0) await nextTurn()
      }
    }
    const writer = write()
    const { started } = await migrate(source, target)
    isWriting = false
    await writer
    expect(written).toBeGreaterThan(0)
    const { cells } = await migrate(source, target, { since: started })
    expect(cells).toBeGreaterThan(0)
    expect(await digest(target)).toEqual(await digest(source))
  })

  it('tells how far it has come, and with dryRun does nothing', async () => {
    const [source, target] = [await manyCounts(), counts()]
    const seen: MigrationProgress[] = []
    const options = { onProgress: (progress: MigrationProgress) => seen.push(progress), verify: true }
    const state = file()
    const dry = await migrate(source, target, { ...options, dryRun: true, state })
    expect(dry).toEqual({ plan: await planMigration(source, target), started: NOW, names: 0, cells: 0, expired: 0 })
    expect([seen, existsSync(state), await allOf(target.cells())]).toEqual([[], false, []])
    const { cells } = await migrate(source, target, options)
    expect(seen.findLast(({ phase }) => phase === 'copy')).toEqual({ phase: 'copy', names: 1_200, of: 1_200, cells })
    expect(seen.at(-1)).toEqual({ phase: 'verify', names: 1_200, of: 1_200, cells })
  })
})

describe('a migration with a state', () => {
  it('continues where it was aborted', async () => {
    const [source, target, state] = [await manyCounts(), counts(), file()]
    const abort = new AbortController()
    const options = { state, parallel: 1, start: NOW - 86_400 }
    const first = migrate(source, target, {
      ...options,
      signal: abort.signal,
      onProgress: ({ names }) => {
        if (names >= 500) abort.abort()
      },
    })
    await expect(first).rejects.toMatchObject({ code: 'KAIROS_ABORTED' })
    const left = JSON.parse(readFileSync(state, 'utf8'))
    expect(left).toMatchObject({ version: 1, names: 500, done: 'n0499', isFinished: false, start: NOW - 86_400 })

    await expect(migrate(source, target, options)).rejects.toThrow('resume: true')
    await expect(migrate(source, target, { ...options, resume: true, names: ['n0001'] })).rejects.toThrow(
      'the state of a migration with these configurations, names and intervals',
    )
    // What is done is not read again: n0000 would come back.
    await target.delete('n0000')
    const { cells, names, started } = await migrate(source, target, { ...options, start: NOW, resume: true })
    expect({ names, started, cells }).toEqual({
      names: 1_200,
      started: left.started,
      cells: (await digest(source)).cells,
    })
    expect(await allOf(target.cells({ names: 'n0000' }))).toEqual([])
    const rest = { prefix: 'n', names: [...(await allOf(source.names()))].slice(1) }
    expect((await digest(target)).digest).toBe((await digest(source, rest)).digest)
    // A state that is finished has nothing to continue with.
    expect((await migrate(source, counts(), { ...options, resume: true })).cells).toBe(cells)
  })

  it('continues within groups, and takes names that have come in between', async () => {
    // All three groups are being written before the first has been.
    const begun = Promise.withResolvers<void>()
    let writes = 0
    const driver = beforeReplacing(async () => {
      if (++writes === 3) begun.resolve()
      await begun.promise
    })
    const [source, target, state] = [await manyCounts(), counts(undefined, driver), file()]
    const abort = new AbortController()
    const options = { state, parallel: 3, resume: true }
    let calls = 0
    const stopped = migrate(source, target, {
      ...options,
      signal: abort.signal,
      onProgress: () => {
        if (++calls === 2) abort.abort()
      },
    })
    await expect(stopped).rejects.toMatchObject({ code: 'KAIROS_ABORTED' })
    const { groups, done } = JSON.parse(readFileSync(state, 'utf8'))
    const stored = groups.filter(({ at, cursor }: { at: number; cursor?: string }) => at > 0 || cursor !== undefined)
    expect([done, groups.length, stored.length > 0]).toEqual([null, 3, true])
    await source.insert('a', 1)
    await source.insert('z', 1)
    expect((await migrate(source, target, { ...options, verify: true })).verified!.equal).toBe(true)
    expect((await digest(target)).digest).toBe((await digest(source)).digest)
  })

  it('continues behind the last cell of a group that is stored', async () => {
    const [source, target, state] = [timeseriesOf(MINUTES), timeseriesOf(MINUTES), file()]
    await source.bulkInsert(Array.from({ length: 12_000 }, (_, index) => ({ name: 'n', timestamp: index * 60 })))
    const abort = new AbortController()
    const options = { state, resume: true }
    await expect(
      migrate(source, target, { ...options, signal: abort.signal, onProgress: () => abort.abort() }),
    ).rejects.toMatchObject({ code: 'KAIROS_ABORTED' })
    const [group] = JSON.parse(readFileSync(state, 'utf8')).groups
    expect(group).toMatchObject({ first: 'n', last: 'n', at: 0, cursor: expect.stringContaining('"n",4999') })
    await target.delete('n')
    expect((await migrate(source, target, options)).cells).toBe(12_000)
    expect(await allOf(target.cells())).toHaveLength(7_000)
  })

  it('ends at the first failure, and keeps what was done', async () => {
    const [source, state] = [await manyCounts(), file()]
    let writes = 0
    const failing = beforeReplacing(() => {
      if (writes++ === 2) throw new Error('the disk is full')
    })
    const config = { type: 'count', intervals: { minute: { step: 60 }, hour: { step: '1h' } }, patience: 50 }
    const target = timeseriesOf(config, failing)
    await expect(migrate(source, target, { state, parallel: 2 })).rejects.toThrow('the disk is full')
    expect(JSON.parse(readFileSync(state, 'utf8')).isFinished).toBe(false)
    expect((await migrate(source, target, { state, resume: true, verify: true })).verified!.equal).toBe(true)
  })

  it.each([['{"version":2}'], ['[]'], ['not JSON'], ['']])('refuses a file that is %o', async (content) => {
    const state = file()
    writeFileSync(state, content)
    await expect(migrate(await manyCounts(), counts(), { state, resume: true })).rejects.toMatchObject({
      code: 'KAIROS_INVALID_CONFIG',
      path: 'state',
    })
  })

  it(`is whole after ${long ? 20 : 2} kills at random moments`, async () => {
    const stores = [`sqlite:${file()}`, `sqlite:${file()}`] as const
    const { killed, digests } = await killedAndResumed(
      stores,
      file(),
      long ? { kills: 20, cells: 400_000 } : { kills: 2, cells: 10_000 },
    )
    expect(killed).toBeGreaterThan(long ? 10 : 0)
    expect(digests[1]).toEqual(digests[0])
  })
})

describe('a migration is refused', () => {
  it.each([
    [{ parallel: 0 }, 'parallel must be a whole number from 1 to 64, not 0'],
    [{ match: 'a' }, 'match must be a regular expression or a function, not "a"'],
    [{ resume: true }, 'state must be the path of a file, to resume, not undefined'],
    [{ state: '' }, 'state must be the path of a file, not ""'],
    [{ intervals: ['year'] }, 'intervals must be a list of hour, minute, not'],
    [{ nmaes: [] }, 'nmaes is not an option of migrate; known: names'],
  ])('with %o', async (options, message) => {
    await expect(migrate(counts(), counts(), options as never)).rejects.toThrow(message)
  })

  it('to another type', async () => {
    const config = { type: 'gauge', valueType: 'int', intervals: { hour: { step: '1h' } } }
    const target = timeseriesOf(config)
    await expect(migrate(counts(), target)).rejects.toThrow(
      'target must be a timeseries of count or summary, not "gauge (int)"',
    )
  })
})
