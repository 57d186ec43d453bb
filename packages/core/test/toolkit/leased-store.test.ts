import { describe, expect, it } from 'vitest'
import type { CellStore, CellWrite, WriteBatch } from '../../src/contract/cells.ts'
import { configChangedFailure, failedStore, failedWrite } from '../../src/toolkit/failures.ts'
import type { Lease } from '../../src/toolkit/lease.ts'
import { type LeasedStoreOptions, leasedStore } from '../../src/toolkit/leased-store.ts'

const cell = (bucket: number): CellWrite => ({ name: 'a', interval: 'm', bucket, resolutionBucket: 0, change: 1 })
const [one, two] = [cell(1), cell(2)]
const batch: WriteBatch = { cells: [one, two], oldestLive: { m: 0 } }
const query = { names: ['a'], interval: 'm', range: { first: 0, last: 9 } }
const changed = () => Promise.reject(configChangedFailure())
const closing = () => Promise.reject(failedStore('closing', 'later'))
const current = () => undefined

/** A leased store whose calls are listed; `answer` is what each of them does. */
function setUp(
  { check = current, confirm = current }: Partial<Lease>,
  answer: () => Promise<unknown> = async () => ({ repeated: true }),
  options: Partial<LeasedStoreOptions> = {},
) {
  const calls: string[] = []
  const call = (name: string) => () => {
    calls.push(name)
    return answer() as never
  }
  const bare: CellStore = {
    ...{ write: call('write'), read: call('read'), bounds: call('bounds'), names: call('names') },
    ...{ delete: call('delete'), deleteRange: call('deleteRange'), sweep: call('sweep'), fetch: call('fetch') },
    ...{ replace: call('replace'), merge: call('merge'), drop: call('drop') },
    decodeRow: (row) => row as never,
  }
  const lease = {
    check: () => {
      calls.push('check')
      return check()
    },
    confirm: () => {
      calls.push('confirm')
      return confirm()
    },
  }
  return { calls, bare, lease, store: leasedStore(bare, lease, { timeout: 1_000, ...options }) }
}

const callsOf = (store: CellStore): readonly (() => Promise<unknown>)[] => [
  () => store.read(query),
  () => store.bounds(query),
  () => store.names({ oldestLive: { m: 0 }, limit: 9 }),
  () => store.delete(null),
  () => store.deleteRange(query),
  () => store.sweep!({ oldestLive: { m: 0 }, names: null, limit: 9 }),
  () => store.replace!({ cells: [], oldestLive: {} }),
  () => store.merge!({ ...query, result: 'value', groups: { size: 1, from: 0 }, split: false, resolution: false }),
  () => store.fetch!(query, null),
]

describe('a leased store', () => {
  it('checks before each call and confirms its answer', async () => {
    const { store, calls } = setUp({})
    for (const call of [() => store.write(batch), ...callsOf(store)]) {
      calls.length = 0
      expect(await call()).toEqual({ repeated: true })
      expect(calls).toEqual(['check', expect.any(String), 'confirm'])
    }
    expect(store.decodeRow!(7)).toBe(7)
  })

  it('confirms no drop, after which there is no record', async () => {
    const { store, calls } = setUp({ confirm: changed })
    await store.drop!(null)
    expect(calls).toEqual(['check', 'drop'])
  })

  it('has the calls that the store has', () => {
    const { bare, lease } = setUp({})
    const { write, read, bounds, names, delete: deleteAll, deleteRange } = bare
    const least: CellStore = { write, read, bounds, names, delete: deleteAll, deleteRange }
    expect(Object.keys(leasedStore(least, lease, { timeout: 1 })).sort()).toEqual(Object.keys(least).sort())
  })

  it('makes no call under a record that was replaced, or is about to be', async () => {
    const { store, calls } = setUp({ check: changed })
    for (const call of callsOf(store)) await expect(call()).rejects.toMatchObject({ configChanged: true })
    const refused = { notApplied: batch.cells, maybeApplied: [] }
    await expect(store.write(batch)).rejects.toMatchObject({ configChanged: true, retry: 'never', ...refused })
    const waiting = setUp({ check: closing }).store.write(batch)
    await expect(waiting).rejects.toMatchObject({ retry: 'later', ...refused })
    expect(new Set(calls)).toEqual(new Set(['check']))
  })

  it('says what became of the cells of a replacement, as of a write', async () => {
    const cells = [
      { ...one, value: 1 },
      { ...two, value: 2 },
    ].map(({ change: _, ...cell }) => cell)
    const replace = (set: Parameters<typeof setUp>) => setUp(...set).store.replace!({ cells, oldestLive: { m: 0 } })
    // Nothing was sent: core sends it again.
    const unsent = { retry: 'later', notApplied: cells, maybeApplied: [] }
    await expect(replace([{ check: closing }])).rejects.toMatchObject(unsent)
    const late = { configChanged: true, retry: 'never', notApplied: [], maybeApplied: cells }
    await expect(replace([{ confirm: changed }])).rejects.toMatchObject(late)
    const partly = failedWrite('partly', { retry: 'later', notApplied: [cells[0]!] })
    await expect(replace([{ confirm: changed }, () => Promise.reject(partly)])).rejects.toMatchObject({
      ...{ configChanged: true, notApplied: [cells[0]], maybeApplied: [cells[1]] },
    })
    let left = 1
    const confirm = () => (left-- > 0 ? closing() : undefined)
    await expect(replace([{ confirm }])).resolves.toEqual({ repeated: true })
  })

  it('leaves the first check to a store that makes it before each request', async () => {
    const { store, calls } = setUp({ check: changed }, undefined, { checksRequests: true })
    await store.read(query)
    await store.write(batch)
    expect(calls).toEqual(['read', 'confirm', 'write', 'confirm'])
  })

  it('gives no answer that came after its record was replaced, and acknowledges no cell', async () => {
    const { store } = setUp({ confirm: changed })
    for (const call of callsOf(store)) await expect(call()).rejects.toMatchObject({ configChanged: true })
    const doubtful = { configChanged: true, retry: 'never', notApplied: [], maybeApplied: batch.cells }
    await expect(store.write(batch)).rejects.toMatchObject(doubtful)
  })

  it('confirms what a failed write does not list', async () => {
    const partly = failedWrite('partly', { retry: 'later', notApplied: [one] })
    const { store } = setUp({ confirm: changed }, () => Promise.reject(partly))
    await expect(store.write(batch)).rejects.toMatchObject({
      ...{ configChanged: true, notApplied: [one], maybeApplied: [two] },
    })
    const half = { ...one, change: 0.5 }
    const split = failedWrite('split', { retry: 'later', notApplied: [half], maybeApplied: [two] })
    await expect(setUp({ confirm: changed }, () => Promise.reject(split)).store.write(batch)).rejects.toMatchObject({
      ...{ configChanged: true, notApplied: [half], maybeApplied: [one, two] },
    })
    await expect(setUp({}, () => Promise.reject(partly)).store.write(batch)).rejects.toBe(partly)
  })

  it('asks nothing for a write that acknowledges nothing', async () => {
    const failures = [
      failedWrite('all', { retry: 'later', notApplied: [two], maybeApplied: [one] }),
      failedStore('nothing is known', 'later'),
    ]
    for (const failure of failures) {
      const { store, calls } = setUp({ confirm: changed }, () => Promise.reject(failure))
      await expect(store.write(batch)).rejects.toBe(failure)
      expect(calls).toEqual(['check', 'write'])
    }
  })

  it('waits for the outcome of a replacement, up to its timeout', async () => {
    let left = 2
    const confirm = () => (left-- > 0 ? closing() : undefined)
    await expect(setUp({ confirm }).store.write(batch)).resolves.toEqual({ repeated: true })
    const { store } = setUp({ confirm: closing }, undefined, { timeout: 1 })
    await expect(store.write(batch)).rejects.toMatchObject({
      retry: 'later',
      notApplied: [],
      maybeApplied: batch.cells,
    })
    // Core makes these again.
    await expect(setUp({ confirm: closing }).store.read(query)).rejects.toMatchObject({ retry: 'later' })
  })
})
