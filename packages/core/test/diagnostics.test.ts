import { AsyncLocalStorage } from 'node:async_hooks'
import { tracingChannel } from 'node:diagnostics_channel'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { failedStore, type StorageDriver } from '../src/driver.ts'
import { type CallMessage, discover, memoryDriver, type StoreMessage } from '../src/index.ts'
import { type AnyTimeseries, createAny } from './support/any-timeseries.ts'
import { collect } from './support/collect.ts'
import { failureOf } from './support/failure.ts'
import { answerLost, faultyDriver, notApplied } from './support/faulty-driver.ts'

const callChannel = tracingChannel<unknown, CallMessage>('kairos:call')
const storeChannel = tracingChannel<unknown, StoreMessage>('kairos:store')

const intervals = { minute: { step: 60 }, hour: { step: 3_600 } }
const config = { name: 'views', type: 'count', intervals, now: () => 0 }

async function opened(driver: StorageDriver): Promise<AnyTimeseries> {
  const counts = createAny(driver, config)
  await counts.open()
  return counts
}

interface Buffering extends AnyTimeseries {
  buffer(options: object): { add(name: string): boolean; flush(): Promise<void>; close(): Promise<void> }
}

let leave = (): void => {}
afterEach(() => leave())

/** The messages of all events that began and ended since. */
function subscribed() {
  const [calls, attempts]: [CallMessage[], StoreMessage[]] = [[], []]
  const begun = new Set<object>()
  const begin = (message: object): void => void begun.add(message)
  const endCall = (message: CallMessage): void => {
    if (!begun.delete(message)) throw new Error('an event that had not begun, or had ended')
    calls.push(message)
  }
  const endAttempt = (message: StoreMessage): void => {
    if (!begun.delete(message)) throw new Error('an event that had not begun, or had ended')
    attempts.push(message)
  }
  callChannel.start.subscribe(begin as never)
  storeChannel.start.subscribe(begin as never)
  callChannel.asyncEnd.subscribe(endCall as never)
  storeChannel.asyncEnd.subscribe(endAttempt as never)
  leave = () => {
    callChannel.start.unsubscribe(begin as never)
    storeChannel.start.unsubscribe(begin as never)
    callChannel.asyncEnd.unsubscribe(endCall as never)
    storeChannel.asyncEnd.unsubscribe(endAttempt as never)
    leave = () => {}
  }
  /** What happened since it was asked for last. */
  const take = () => ({
    calls: calls.splice(0).map(({ operation, names, cells, outcome }) => [operation, names, cells, outcome]),
    attempts: attempts.splice(0).map(({ operation, attempt, cells, outcome, retry, calls }) => {
      const callers = calls.map((call) => call.operation).join(' ')
      return [operation, attempt, cells, outcome, ...(retry === undefined ? [] : [retry]), callers]
    }),
  })
  return { calls, attempts, begun, take }
}

describe('a subscriber sees', () => {
  it('of a name with labels the name', async () => {
    const counts = await opened(memoryDriver())
    const { take } = subscribed()
    await counts.insert({ name: 'a', route: '/x' })
    await counts.get(['b', { name: 'a', route: '/x' }], 'minute')
    expect(take().calls.map(([, names]) => names)).toEqual([['a'], ['b', 'a']])
  })

  it('every call once, and every call of the driver, with cells and outcome', async () => {
    const { calls, attempts, begun, take } = subscribed()
    const counts = createAny('memory:', config)
    await counts.insert('a')
    expect(calls[0]).toMatchObject({ timeseries: 'views', type: 'count', result: { stored: 2, expired: 0 } })
    expect(attempts[1]).toMatchObject({ timeseries: 'views', driver: 'memory' })
    expect(take()).toEqual({
      calls: [['insert', ['a'], 2, 'success']],
      attempts: [
        ['open', 1, undefined, 'success', ''],
        ['write', 1, 2, 'success', 'insert'],
      ],
    })
    await counts.bulkInsert([{ name: 'b' }, { name: 'b' }, { name: 'c' }])
    await counts.get(['a', 'b', 'nobody'], 'minute')
    await counts.list()
    await counts.delete('c', { interval: 'hour' })
    await counts.rebuild('hour', { from: 'minute', names: 'a', current: true })
    await counts.open()
    expect(take()).toEqual({
      calls: [
        ['bulkInsert', undefined, 4, 'success'],
        ['get', ['a', 'b', 'nobody'], 2, 'success'],
        ['list', undefined, 0, 'success'],
        ['delete', ['c'], 0, 'success'],
        ['rebuild', ['a'], 2, 'success'],
        ['open', undefined, 0, 'success'],
      ],
      attempts: [
        ['write', 1, 4, 'success', 'bulkInsert'],
        ['read', 1, 2, 'success', 'get'],
        ['names', 1, undefined, 'success', 'list'],
        ['deleteRange', 1, undefined, 'success', 'delete'],
        ['bounds', 1, undefined, 'success', 'rebuild'],
        ['read', 1, 1, 'success', 'rebuild'],
        ['replace', 1, 1, 'success', 'rebuild'],
      ],
    })
    await counts.close()
    await failureOf(() => counts.insert('a'), 'KAIROS_CLOSED')
    expect(take()).toEqual({
      calls: [
        ['close', undefined, 0, 'success'],
        ['insert', ['a'], 0, 'closed'],
      ],
      attempts: [['close', 1, undefined, 'success', '']],
    })
    expect(begun.size).toBe(0)
  })

  it('the attempts of a write that is tried again, and one that fails', async () => {
    const { take, calls } = subscribed()
    const driver = faultyDriver()
    const counts = await opened(driver)
    take()
    driver.faults.push(
      notApplied('now', (cell) => cell.interval === 'hour'),
      notApplied('now'),
    )
    await counts.insert('a')
    expect(take()).toEqual({
      calls: [['insert', ['a'], 2, 'success']],
      attempts: [
        ['write', 1, 2, 'failure', 'now', 'insert'],
        ['write', 2, 1, 'failure', 'now', 'insert'],
        ['write', 3, 1, 'success', 'insert'],
      ],
    })
    driver.faults.push(answerLost('later'))
    const error = await failureOf(() => counts.insert('a'), 'KAIROS_STORE_FAILED')
    expect(calls[0]!.error).toBe(error)
    expect(take()).toEqual({
      calls: [['insert', ['a'], 2, 'failure']],
      attempts: [['write', 1, 2, 'failure', 'later', 'insert']],
    })
    // Refused before it reaches the store.
    await failureOf(() => counts.insert('a', 'much'), 'KAIROS_INVALID_VALUE')
    await failureOf(() => counts.insert('a', 1, null), 'KAIROS_INVALID_CONFIG')
    expect(take()).toEqual({
      calls: [
        ['insert', ['a'], 0, 'failure'],
        ['insert', ['a'], 0, 'failure'],
      ],
      attempts: [],
    })
  })

  it('what ends by its signal, its patience, and close', async () => {
    const { take } = subscribed()
    const driver = faultyDriver()
    const counts = await opened(driver)
    take()
    const never = (): Promise<never> => new Promise(() => {})
    const abort = new AbortController()
    driver.faults.push(async () => {
      abort.abort()
      return never()
    })
    await failureOf(() => counts.insert('a', 1, { signal: abort.signal }), 'KAIROS_ABORTED')
    expect(take()).toEqual({
      calls: [['insert', ['a'], 2, 'aborted']],
      attempts: [['write', 1, 2, 'aborted', 'insert']],
    })
    driver.faults.push(never)
    await failureOf(() => counts.insert('a', 1, { patience: 1 }), 'KAIROS_STORE_FAILED')
    expect(take()).toEqual({
      calls: [['insert', ['a'], 2, 'failure']],
      attempts: [['write', 1, 2, 'timeout', 'insert']],
    })
    driver.faults.push(async () => {
      void counts.close({ timeout: 0 })
      return never()
    })
    await failureOf(() => counts.insert('a'), 'KAIROS_CLOSED')
    await counts.close()
    expect(take()).toEqual({
      calls: [
        ['insert', ['a'], 2, 'closed'],
        ['close', undefined, 0, 'success'],
        ['close', undefined, 0, 'success'],
      ],
      attempts: [['write', 1, 2, 'closed', 'insert']],
    })
  })

  it('which calls share a batch', async () => {
    const { take, calls, attempts } = subscribed()
    const counts = await opened(memoryDriver())
    take()
    await Promise.all(Array.from({ length: 10 }, (_, index) => counts.insert(index % 2 === 0 ? 'a' : 'b')))
    expect(attempts.map(({ cells, calls }) => [cells, calls.length])).toEqual([
      [2, 1],
      [4, 9],
    ])
    expect(new Set(attempts.flatMap((attempt) => attempt.calls))).toEqual(new Set(calls))
    expect(calls.map(({ cells }) => cells)).toEqual(Array.from({ length: 10 }, () => 2))
  })

  it('an iteration as one call, also one that is left or fails', async () => {
    const { take } = subscribed()
    const driver = memoryDriver()
    const counts = await opened(driver)
    await counts.bulkInsert(Array.from({ length: 3 }, (_, index) => ({ name: 'a', timestamp: index * 60 })))
    take()
    await collect(counts.iterate('a', 'minute'))
    await collect(counts.cells({ names: ['a'], intervals: ['minute'] }))
    for await (const _ of counts.names()) break
    await failureOf(() => counts.iterate('a', 'second').next(), 'KAIROS_UNKNOWN_INTERVAL')
    // What nobody asks for does not begin.
    counts.iterate('a', 'minute')
    expect(take()).toEqual({
      calls: [
        ['iterate', ['a'], 3, 'success'],
        ['cells', ['a'], 3, 'success'],
        ['names', undefined, 0, 'success'],
        ['iterate', ['a'], 0, 'failure'],
      ],
      attempts: [
        ['bounds', 1, undefined, 'success', 'iterate'],
        ['read', 1, 3, 'success', 'iterate'],
        ['bounds', 1, undefined, 'success', 'cells'],
        ['read', 1, 3, 'success', 'cells'],
        ['names', 1, undefined, 'success', 'names'],
      ],
    })
  })

  it('what a buffer writes, and what is discovered', async () => {
    const { take, calls } = subscribed()
    const driver = faultyDriver()
    const counts = await opened(driver)
    take()
    const heard: unknown[] = []
    const buffer = (counts as Buffering).buffer({ interval: 100_000, onError: (error: unknown) => heard.push(error) })
    for (let index = 0; index < 100; index++) buffer.add(index % 2 === 0 ? 'a' : 'b')
    driver.faults.push(notApplied('never'))
    await buffer.flush()
    buffer.add('a')
    await buffer.close()
    expect(heard).toEqual([calls[0]!.error])
    expect(take()).toEqual({
      calls: [
        ['flush', undefined, 4, 'failure'],
        ['flush', undefined, 2, 'success'],
      ],
      attempts: [
        ['write', 1, 4, 'failure', 'never', 'flush'],
        ['write', 1, 2, 'success', 'flush'],
      ],
    })
    await discover(driver)
    expect(take()).toEqual({ calls: [], attempts: [['discover', 1, undefined, 'success', '']] })
  })

  it('the opening that fails and is tried again', async () => {
    const { take } = subscribed()
    const memory = memoryDriver()
    let failed = false
    const driver: StorageDriver = {
      ...memory,
      async open(...given) {
        if (failed) return memory.open(...given)
        failed = true
        throw failedStore('not yet', 'now')
      },
    }
    await createAny(driver, config).insert('a')
    expect(take().attempts).toEqual([
      ['open', 1, undefined, 'failure', 'now', ''],
      ['open', 2, undefined, 'success', ''],
      ['write', 1, 2, 'success', 'insert'],
    ])
  })

  it('the context of the call in its driver, by a bound store', async () => {
    const storage = new AsyncLocalStorage<CallMessage>()
    callChannel.start.bindStore(storage as never, (message) => message)
    leave = () => callChannel.start.unbindStore(storage as never)
    const seen: unknown[] = []
    const driver = faultyDriver()
    driver.faults.push(async () => void seen.push(storage.getStore()?.operation))
    await createAny(driver, config).insert('a')
    expect(seen).toEqual(['insert'])
  })
})

it('works where there is no such module', async () => {
  vi.resetModules()
  vi.stubGlobal('process', undefined)
  try {
    const core = await import('../src/index.ts')
    const counts = core.createTimeseries(core.memoryDriver(), {
      type: 'count',
      intervals: { minute: { step: 60 } },
      now: () => 0,
    })
    await counts.insert('a')
    expect(await counts.get('a', 'minute')).toEqual(new Map([[0, 1]]))
  } finally {
    vi.unstubAllGlobals()
  }
})
