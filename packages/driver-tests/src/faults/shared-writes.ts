import { KairosError } from '@kairos/core'
import type { StorageDriver } from '@kairos/core/driver'
import type { DriverTest } from '../driver-test.ts'
import { type Injected, type InjectedCall, injectFaults } from '../inject-faults.ts'
import { type AnyConfig, type AnyTimeseries, createAnyTimeseries } from '../internal/any-timeseries.ts'
import { claim, same } from '../internal/same.ts'
import type { DriverTestOptions } from '../options.ts'
import { NOW, PATIENCE, placeOf, type TestContext } from '../test-context.ts'

const MINUTE = 'shared minute'
const HOUR = 'shared hour'
const INTERVALS = { [MINUTE]: { step: 60 }, [HOUR]: { step: 3600, resolution: 60 } }
/** Each call writes a cell in each. */
const CELLS = 2
const CALLERS = { short: 100, long: 1_000 } as const
/** How many rounds of calls at once, and how many calls each. */
const ROUNDS = { short: 9, long: 150 } as const
const AT_ONCE = 12
/** In milliseconds: a write without an answer ends with it. Short only in the long size, where some have none. */
const PATIENCES = { short: PATIENCE, long: 1_000 } as const

/** The buffer's, so that it gives up where the store is down. */
const SHORT_PATIENCE = 100

const FAULTS: readonly (Injected | null)[] = [
  null,
  { fault: 'part', retry: 'never' },
  { delay: 2 },
  { fault: 'after', retry: 'never' },
  { fault: 'before', retry: 'now' },
  { fault: 'part', retry: 'now' },
  { fault: 'before', retry: 'never' },
  { fault: 'after', retry: 'now' },
]
/** Longer than a buffer's patience. */
const DOWN: readonly Injected[] = Array.from({ length: 6 }, () => ({ fault: 'before', retry: 'later' }))

/** Callers whose inserts share batches, and buffers, where the store fails: each caller learns what became of its own cells, and nothing is lost in silence. */
export function sharedWriteTests(options: DriverTestOptions): DriverTest[] {
  const { size = 'short', failing } = options
  const injecting =
    (some: readonly (Injected | null)[]) =>
    async (context: TestContext, config: AnyConfig): Promise<Faulty> => {
      const store = { isFaulty: false }
      const faults = size === 'long' ? [...some, ...some, { fault: 'lost' } as const] : some
      const decide = ({ method, number }: InjectedCall): Injected | null =>
        store.isFaulty && method === 'write' ? (faults[number % faults.length] ?? null) : null
      const driver = injectFaults(await context.driver(placeOf(config)), decide)
      return { driver, store, close: async () => {} }
    }
  /** Every ninth request loses its answer, or half of itself. */
  const cut = async (_: TestContext, config: AnyConfig): Promise<Faulty> => {
    const store = { isFaulty: false }
    let requests = 0
    const decide = () => {
      if (!store.isFaulty || ++requests % 9 > 0) return null
      return requests % 2 === 0 ? ('cut-request' as const) : ('cut-reply' as const)
    }
    const { driver, close } = await failing!({ place: placeOf(config), decide })
    return {
      driver,
      store,
      async close() {
        await driver.close()
        await close?.()
      },
    }
  }
  const noProxy = () => (failing === undefined ? 'describeDriver was not given `failing`' : null)
  return [
    leavingTest(CALLERS[size]),
    ...(['count', 'series'] as const).flatMap((type): DriverTest[] => [
      {
        title: `shared: ${type}: of a store that fails, each of many callers learns about its own cells`,
        types: [type],
        run: (context) => expectHeard(context, { type, intervals: INTERVALS }, injecting(FAULTS), size),
      },
      {
        title: `shared: ${type}: of connections that are cut, each of many callers learns about its own cells`,
        types: [type],
        long: true,
        skip: noProxy,
        run: (context) => expectHeard(context, { type, intervals: INTERVALS }, cut, size),
      },
    ]),
    {
      title: 'shared: a buffer on a store that fails reports every value that is not stored',
      types: ['count'],
      run: (context) => expectBuffered(context, injecting([...FAULTS, ...DOWN]), size),
    },
    {
      title: 'shared: a buffer on connections that are cut reports every value that is not stored',
      types: ['count'],
      long: true,
      skip: noProxy,
      run: (context) => expectBuffered(context, cut, size),
    },
  ]
}

/** A driver whose store fails while it is faulty. */
interface Faulty {
  readonly driver: StorageDriver
  readonly store: { isFaulty: boolean }
  close(): Promise<void>
}
type MakeFaulty = (context: TestContext, config: AnyConfig) => Promise<Faulty>

function leavingTest(callers: number): DriverTest {
  return {
    title: 'shared: many callers, of whom three quarters leave, hear what became of their own cells',
    types: ['count'],
    async run(context) {
      const config = { type: 'count', intervals: INTERVALS } as const
      const { timeseries: reader } = await context.emptied(config)
      const name = context.name()
      const [early, late] = [callers / 2, callers / 4]
      const aborts = Array.from({ length: early + late }, () => new AbortController())
      const abort = (from: number, to: number): void => {
        for (const each of aborts.slice(from, to)) each.abort()
      }
      const driver = injectFaults(await context.driver(placeOf(config)), ({ method, number }) => {
        // The second write has those who have not left before it.
        if (method === 'write' && number === 2) setImmediate(() => abort(early, early + late))
        return method === 'write' ? { delay: 5 } : null
      })
      const timeseries = createAnyTimeseries(driver, { ...config, now: () => NOW, patience: PATIENCE })
      await timeseries.open({ patience: PATIENCE })
      const calls = [timeseries.insert(name)]
      for (let caller = 0; caller < callers; caller++) {
        const signal = aborts[caller]?.signal
        calls.push(timeseries.insert(name, 1, signal && { signal }))
      }
      const heard = Promise.all(calls.map((call) => fateOf(call, name)))
      abort(0, early)
      const [first, ...fates] = await heard
      const expected = (fate: Fate, many: number): Fate[] => Array.from({ length: CELLS * many }, () => fate)
      same([...first!.values()], expected('stored', 1), 'what the caller hears who held up the others')
      const heardBy = (from: number, to: number): Fate[] => fates.slice(from, to).flatMap((each) => [...each.values()])
      same(heardBy(0, early), expected('refused', early), 'what callers hear who left before their batch was sent')
      same(
        heardBy(early, early + late),
        expected('in doubt', late),
        'what callers hear who left while it was on its way',
      )
      same(heardBy(early + late, callers), expected('stored', late), 'what callers hear who stayed')
      await timeseries.close()
      same([...(await reader.get(name, MINUTE)).values()], [1 + callers - early], 'the count afterwards')
      await reader.deleteAll()
    },
  }
}

/** Many callers at once, again and again: what is stored is what was acknowledged, and of what is in doubt all, some or nothing. */
async function expectHeard(
  context: TestContext,
  config: AnyConfig,
  make: MakeFaulty,
  size: 'short' | 'long',
): Promise<void> {
  const { timeseries: reader } = await context.emptied(config)
  const { driver, store, close } = await make(context, config)
  const timeseries = createAnyTimeseries(driver, { ...config, now: () => NOW, patience: PATIENCES[size] })
  await timeseries.open({ patience: PATIENCE })
  const names = [context.name(), context.name(), context.name()]
  /** What each value became, by name and interval. */
  const fates = new Map<string, Map<number, Fate>>()
  let value = 0
  store.isFaulty = true
  for (let round = 0; round < ROUNDS[size]; round++) {
    const calls = Array.from({ length: AT_ONCE }, async (_, caller) => {
      const own = ++value
      const name = names[caller % names.length]!
      const abort = new AbortController()
      const call = timeseries.insert(name, config.type === 'count' ? 1 : own, { signal: abort.signal })
      if (caller === AT_ONCE - 1) setImmediate(() => abort.abort())
      for (const [interval, fate] of await fateOf(call, name)) {
        const key = `${name} ${interval}`
        fates.set(key, (fates.get(key) ?? new Map<number, Fate>()).set(own, fate))
      }
    })
    await Promise.all(calls)
  }
  store.isFaulty = false
  await timeseries.close()
  for (const name of names) {
    for (const interval of Object.keys(INTERVALS)) {
      const found = await valuesOf(reader, name, interval)
      const heard = [...fates.get(`${name} ${interval}`)!]
      const those = (fate: Fate): number[] => heard.filter(([, each]) => each === fate).map(([each]) => each)
      expectBound(found, those('stored'), those('in doubt'), `${name} in ${interval}`)
    }
  }
  await reader.deleteAll()
  await close()
}

/** The values of a series, or how many a count has. */
async function valuesOf(timeseries: AnyTimeseries, name: string, interval: string): Promise<number[] | number> {
  const [value] = (await timeseries.series(name, interval, { start: NOW, end: NOW, collapse: true })).values()
  return (value as number[] | number | undefined) ?? 0
}

function expectBound(
  found: number[] | number,
  stored: readonly number[],
  doubted: readonly number[],
  what: string,
): void {
  if (typeof found === 'number') {
    const most = stored.length + doubted.length
    claim(
      stored.length <= found && found <= most,
      `${what}: ${stored.length} were acknowledged, ${doubted.length} are in doubt, and ${found} are there`,
    )
    return
  }
  const there = new Set(found)
  same(there.size, found.length, `${what}: values that are there, each once`)
  same(
    stored.filter((value) => !there.has(value)),
    [],
    `${what}: values that were acknowledged, and are not there`,
  )
  const known = new Set([...stored, ...doubted])
  same(
    found.filter((value) => !known.has(value)),
    [],
    `${what}: values that were reported as not stored, and are there`,
  )
}

/** What becomes of one value in one interval. */
type Fate = 'stored' | 'refused' | 'in doubt'

/** What a caller learns, by interval: it must be about each cell of its own, and about no other. */
async function fateOf(call: Promise<{ readonly stored: number }>, name: string): Promise<Map<string, Fate>> {
  const fates = new Map<string, Fate>(Object.keys(INTERVALS).map((interval) => [interval, 'stored']))
  try {
    same((await call).stored, CELLS, 'cells that the call of one value stored')
  } catch (error) {
    if (!KairosError.is(error)) throw error
    const { stored = 0, notApplied = [], maybeApplied = [] } = error
    for (const [cells, fate] of [
      [notApplied, 'refused'],
      [maybeApplied, 'in doubt'],
    ] as const) {
      for (const cell of cells) {
        claim(
          cell.name === name && fates.get(cell.interval) === 'stored',
          'a call learns about its own cells, each once',
        )
        fates.set(cell.interval, fate)
      }
    }
    same(stored + notApplied.length + maybeApplied.length, CELLS, 'cells of a call that failed')
  }
  return fates
}

/** Every value that was added is stored, refused or in doubt, as the buffer says; and the store has what it says. */
async function expectBuffered(context: TestContext, make: MakeFaulty, size: 'short' | 'long'): Promise<void> {
  const config = { type: 'count', intervals: INTERVALS } as const
  const { timeseries: reader } = await context.emptied(config)
  const { driver, store, close } = await make(context, config)
  const timeseries = createAnyTimeseries(driver, { ...config, now: () => NOW, patience: SHORT_PATIENCE })
  await timeseries.open({ patience: PATIENCE })
  const names = [context.name(), context.name(), context.name()]
  let told = 0
  const buffer = timeseries.buffer({
    interval: 60_000,
    onError(_, { kept, refused, inDoubt }) {
      claim(kept.length + refused.length + inDoubt.length > 0, 'a write of a buffer that fails reports its cells')
      told += refused.length + inDoubt.length
    },
  })
  store.isFaulty = true
  let added = 0
  for (let round = 0; round < ROUNDS[size]; round++) {
    for (let value = 0; value < AT_ONCE; value++, added++) buffer.add(names[value % names.length]!)
    await buffer.flush()
  }
  store.isFaulty = false
  // What was kept goes with the next write.
  await buffer.flush()
  await buffer.close()
  const { pending, stored, expired, dropped, failed, inDoubt } = buffer.stats()
  same({ pending, expired, dropped }, { pending: 0, expired: 0, dropped: 0 }, 'what neither was stored nor failed')
  same(stored + failed + inDoubt, CELLS * added, 'what became of the values that were added, in two intervals')
  claim(failed + inDoubt > 0 === told > 0, 'onError reports cells if some are refused or in doubt, and only then')
  await timeseries.close()
  let found = 0
  for (const name of names) {
    for (const interval of Object.keys(INTERVALS)) found += (await valuesOf(reader, name, interval)) as number
  }
  claim(
    stored <= found && found <= stored + inDoubt,
    `a buffer says that ${stored} were and ${inDoubt} may have been stored, and ${found} are`,
  )
  await reader.deleteAll()
  await close()
}
