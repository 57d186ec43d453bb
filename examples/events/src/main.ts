// A server of event streams, two clients that write to it, and a reader that stops and continues where it was. Then the events are counted.
// Run: node scripts/bootstrap.mjs node --conditions=@kairos/source examples/events/src/main.ts
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTimeseries } from '@kairos/core'
import { createEventClient, createEventStore, kronosHandler, tally, toIso } from '@kairos/events'
import { serveHttp } from '@kairos/events/node'
import { sqlDriver } from '@kairos/sql'

const folder = mkdtempSync(join(tmpdir(), 'kairos-example-'))
// One driver for the events and, at the end, for the buckets.
const driver = sqlDriver(`sqlite:${join(folder, 'shop.db')}`)

// The server. On the command line: kairos-events serve --store sqlite:shop.db
const store = createEventStore(driver)
const server = await serveHttp(kronosHandler(store), { port: 0 })
console.log(`serving at ${server.url}`)

// Two clients. The web shop waits for each answer; the till writes in the background.
const shop = createEventClient(server.url, { library: { name: 'web shop' } })
const till = createEventClient(server.url, { library: { name: 'till' } })
const start = Date.parse('2024-05-06T08:00:00Z')
for (let minute = 0; minute < 5; minute++) {
  const time = new Date(start + minute * 60_000)
  await shop.put('sales', { '@time': time, item: minute % 2 === 0 ? 'tea' : 'milk', price: 2.5 })
  till.enqueue('sales', { '@time': time, item: 'bread', price: 3 })
}
await till.flush()

// A put whose answer was lost is sent again under the same id: nothing is stored twice.
const sale = { '@id': '10a68000-0b84-11ef-8000-000000000001', item: 'tea', price: 2.5 }
const answers = [await shop.put('sales', sale), await shop.put('sales', sale)]
console.log(`the same event twice: ${answers.map(({ inserted }) => `${inserted} stored`).join(', then ')}`)

// A reader takes four events and keeps the id of the last one as its cursor.
let cursor: string | undefined
for await (const event of shop.get('sales', { limit: 4 })) {
  console.log(`${toIso(event['@time'])} ${event.item}`)
  cursor = event['@id']
}
// Later, perhaps in another process, it continues after it.
console.log('… and later:')
for await (const event of shop.get('sales', cursor === undefined ? {} : { after: cursor })) {
  console.log(`${toIso(event['@time'])} ${event.item}`)
}

// From events to buckets: how much of each item was sold per hour.
const sold = createTimeseries(driver, { type: 'count', intervals: { hour: { step: '1h' } } })
const { events } = await tally(store.get('sales'), sold, (event) => ({ name: String(event.item) }))
console.log(`${events} events counted:`)
for (const item of (await sold.list()).sort()) {
  const counts = await sold.series(item, 'hour', { start: new Date(start), end: new Date(start + 3_600_000) })
  console.log(`  ${item} ${[...counts.values()].reduce((sum, count) => sum + count, 0)}`)
}

await shop.close()
await till.close()
await server.stop()
await sold.close()
await store.close()
await driver.close()
rmSync(folder, { recursive: true })
