import type { CellStore } from '@kairos/core/driver'
import { type Fault, startFaultProxy } from '@kairos/driver-tests'
import { describe, expect, it } from 'vitest'
import { mongoDriver } from '../src/index.ts'
import { servers, urlWith } from './servers.ts'
import { batchOf, countSchema, failureOf, replaceBy } from './stores/opening.ts'
import { freshPlace, type Place } from './stores/raw.ts'

/** Short, so that tests end soon; long enough to cover a write right after opening, which takes a busy machine longer. */
const LEASE = process.env.KAIROS_TEST_SIZE === 'long' ? 5_000 : 400
const PATIENCE = 60_000
/** Where a test opens, makes one request and waits for it to be over. */
const SHORT_LEASE = 50
const RANGE = { names: ['a'], interval: 'minute', range: { first: 0, last: 10 } }

/** The mark of a process that replaces records, as soon as there is one. */
async function marked({ collection }: Place): Promise<{ token: string; until: Date }> {
  for (;;) {
    const records = await collection.findOne({ _id: 'kairos' as never })
    if (records?.closing) return records.closing
  }
}

/** Calls until a call is refused. */
async function refusal(call: () => Promise<unknown>): Promise<never> {
  for (;;) await call()
}

for (const { name, url } of servers) {
  describe.skipIf(url === undefined)(`records on ${name}`, () => {
    it('that were replaced refuse every call of a store that was opened under them, and nothing is applied', async () => {
      const place = await freshPlace(url!, 'stale')
      const driver = mongoDriver(place.client, { ...place.options, lease: LEASE })
      const old = await driver.open(await countSchema({ minute: 60 }))
      const fresh = await replaceBy(driver, await countSchema({ minute: 300 }), old)
      expect(fresh.records).not.toEqual(old.records)
      // By now the lease of the old store has ended: replacing waits for that.
      const batch = batchOf({})
      expect(await failureOf(old.store.write(batch))).toMatchObject({
        ...{ configChanged: true, retry: 'never', notApplied: batch.cells, maybeApplied: [] },
      })
      const calls = [
        () => old.store.read(RANGE),
        () => old.store.bounds(RANGE),
        () => old.store.names({ oldestLive: { minute: 0 }, limit: 10 }),
        () => old.store.delete(null),
        () => old.store.deleteRange(RANGE),
        () => old.store.drop!(null),
        () => old.store.fetch!(RANGE, () => []),
      ]
      for (const call of calls) await expect(call()).rejects.toMatchObject({ configChanged: true })
      expect(await place.collection.countDocuments({ name: 'a' })).toBe(0)
      await fresh.store.write(batchOf({ change: 3 }))
      expect(await fresh.store.read(RANGE)).toMatchObject([{ value: 3 }])
      await place.close()
    })

    it('that were replaced while a request stalled in the network refuse it, and acknowledge nothing', async () => {
      const place = await freshPlace(url!, 'held')
      const { hostname, port } = new URL(url!)
      let held: { readonly fault: Fault; readonly command: string } | null = null
      const decide = (data: Uint8Array): Fault | null => {
        const command = Buffer.from(data)
        return held && command.includes(`${held.command}\0`) && command.includes('minute') ? held.fault : null
      }
      const proxy = await startFaultProxy({ target: { host: hostname, port: Number(port) }, decide })
      const through = urlWith(url!, { host: `${proxy.host}:${proxy.port}`, directConnection: 'true' })
      const slow = mongoDriver(through, { ...place.options, lease: SHORT_LEASE, timeout: PATIENCE })
      const driver = mongoDriver(place.client, { ...place.options, lease: SHORT_LEASE })
      let step = 60
      const stalled = async (fault: Fault, command: string, call: (store: CellStore) => Promise<unknown>) => {
        const old = await slow.open(await countSchema({ minute: step }))
        const before = proxy.faults[fault]
        held = { fault, command }
        const answer = call(old.store)
        answer.catch(() => {})
        await expect.poll(() => proxy.faults[fault], { interval: 5, timeout: PATIENCE }).toBe(before + 1)
        held = null
        step *= 2
        const fresh = await replaceBy(driver, await countSchema({ minute: step }), old)
        expect(fresh.records).not.toEqual(old.records)
        proxy.release()
        await expect(answer).rejects.toMatchObject({ configChanged: true, retry: 'never' })
        expect(await fresh.store.read(RANGE)).toEqual([])
        return answer.catch((error: unknown) => error)
      }
      const batch = batchOf({})
      expect(await stalled('hold-request', 'updates', (store) => store.write(batch))).toMatchObject({
        ...{ notApplied: [], maybeApplied: batch.cells },
      })
      await stalled('hold-reply', 'find', (store) => store.read(RANGE))
      await stalled('hold-request', 'find', (store) => store.delete(['a']))
      await slow.close()
      await proxy.close()
      await place.close()
    })

    it('stay if a cell is written while they are about to be replaced', async () => {
      const place = await freshPlace(url!, 'race')
      const driver = mongoDriver(place.client, { ...place.options, lease: LEASE })
      const old = await driver.open(await countSchema({ minute: 60, hour: 3600 }))
      const replacing = replaceBy(driver, await countSchema({ minute: 300, hour: 7200 }), old)
      await marked(place)
      // Acknowledged, since this store may still rely on what it saw when it opened.
      await old.store.write(batchOf({ change: 7 }))
      const { records } = await replacing
      expect(records.intervals.minute).toBe(old.records.intervals.minute)
      expect(records.intervals.hour).not.toBe(old.records.intervals.hour)
      await place.close()
    })

    it('of another layout are left alone, and so are their cells', async () => {
      const place = await freshPlace(url!, 'layout')
      const driver = mongoDriver(place.client, { ...place.options, lease: 1 })
      const schema = await countSchema({ minute: 60 })
      const { store } = await driver.open(schema)
      await store.write(batchOf({}))
      const id = { _id: 'kairos' as never }
      await place.collection.updateOne(id, { $set: { layout: 2 } })
      const before = await place.collection.find().toArray()
      await expect(driver.open(schema)).rejects.toMatchObject({ code: 'KAIROS_CONFIG_CHANGED' })
      await expect(
        replaceBy(driver, schema, { records: { schema: schema.record, intervals: {} } }),
      ).rejects.toMatchObject({
        message: expect.stringContaining('layout 2'),
      })
      expect(await place.collection.find().toArray()).toEqual(before)
      await place.close()
    })

    it('may be replaced once all cells under them have expired', async () => {
      const place = await freshPlace(url!, 'expired')
      const driver = mongoDriver(place.client, { ...place.options, lease: 1 })
      const old = await driver.open(await countSchema({ minute: 60 }))
      await old.store.write(batchOf({ bucket: 61 }, { bucket: 62 }))
      const schema = await countSchema({ minute: 300 })
      expect((await replaceBy(driver, schema, old, 62)).records).toEqual(old.records)
      const replaced = await replaceBy(driver, schema, old, 63)
      expect(replaced.records).not.toEqual(old.records)
      expect(await place.collection.countDocuments({ name: 'a' })).toBe(0)
      await place.close()
    })

    it('hold back writers while they are marked; a mark whose end has come is removed, and the process that set it replaces nothing', async () => {
      const place = await freshPlace(url!, 'mark')
      const driver = mongoDriver(place.client, { ...place.options, lease: LEASE })
      const schema = await countSchema({ minute: 60 })
      const old = await driver.open(schema)
      const replacing = replaceBy(driver, await countSchema({ minute: 300 }), old)
      const { token } = await marked(place)
      // Not a write, which would wait for the outcome if its lease ended on the way.
      expect(await failureOf(refusal(() => old.store.read(RANGE)))).toMatchObject({ retry: 'later' })
      const closing = await failureOf(old.store.write(batchOf({})))
      expect(closing).toMatchObject({ retry: 'later', maybeApplied: [] })
      expect(closing.notApplied).toHaveLength(1)
      await place.collection.updateOne({ 'closing.token': token }, { $set: { 'closing.until': new Date(0) } })
      await old.store.write(batchOf({ change: 5 }))
      // That process begins again, and then sees the cell.
      expect((await replacing).records).toEqual(old.records)
      expect((await place.collection.findOne({ _id: 'kairos' as never }))!.closing).toBeNull()
      await place.close()
    })
  })
}
