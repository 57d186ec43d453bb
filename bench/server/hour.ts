import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { formatTable } from '../table.ts'
import { Load } from './hour/load.ts'
import type { Sample } from './hour/sampled.ts'
import { startHourServer } from './hour/served.ts'
import { storedIn } from './hour/stored.ts'

// node scripts/bootstrap.mjs node --conditions=@kairos/source bench/server/hour.ts [--seconds 3600] [--store URL]
//
// `kairos serve` under a mixed load, steady and moderate: whether what it holds grows, and whether all that was sent is stored. Without a store: an
// SQLite file. A store must be empty.

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '3600' }, store: { type: 'string' } } })
const seconds = Number(values.seconds)
/** Collecting the garbage takes a tenth of a second. */
const EVERY = Math.max(5, seconds / 120)
const MIB = 2 ** 20
const COLUMNS: readonly (readonly [title: string, of: (sample: Sample) => number, digits: number])[] = [
  ['heap MiB', ({ heap }) => heap / MIB, 1],
  ['external MiB', ({ external }) => external / MIB, 1],
  ['resident MiB', ({ resident }) => resident / MIB, 0],
  ['handles', ({ handles }) => handles, 0],
  ['files', ({ files }) => files, 0],
]

const folder = mkdtempSync(join(tmpdir(), 'kairos-hour-'))
const store = values.store ?? `sqlite:${join(folder, 'kairos.db')}`
const start = Date.now() / 1_000
const server = await startHourServer(store, folder)

const samples: Sample[] = [await server.sample()]
const sampling = setInterval(() => void server.sample().then((sample) => samples.push(sample)), EVERY * 1_000)
const load = await Load.run(server, seconds)
clearInterval(sampling)
const events = await eventsIn(server.url)
await server.stop()

printGrowth(samples)
console.log(`\nprocessor time: ${((samples.at(-1)!.processorTime / seconds) * 100).toFixed(1)} % of a core`)
console.log(
  `answers: ${Object.entries(load.answers)
    .map(([what, count]) => `${what}: ${count}`)
    .join(', ')}`,
)
const isWhole = await printStored()
if (values.store === undefined || isWhole) rmSync(folder, { recursive: true })
if (!isWhole) process.exitCode = 1

function printGrowth(all: readonly Sample[]): void {
  const part = (from: number, to: number): readonly Sample[] =>
    all.slice(Math.floor(all.length * from), Math.floor(all.length * to))
  const rows = Array.from({ length: 12 }, (_, index) => [
    `${Math.round((seconds * (index + 1)) / 12)} s`,
    ...shown(part(index / 12, (index + 1) / 12)),
  ])
  rows.push(['second quarter', ...shown(part(0.25, 0.5))], ['last quarter', ...shown(part(0.75, 1))])
  console.log(formatTable(['until', ...COLUMNS.map(([title]) => title)], rows))
}

/** Medians, each with the highest. */
function shown(part: readonly Sample[]): string[] {
  return COLUMNS.map(([, of, digits]) => {
    const sorted = part.map(of).sort((one, other) => one - other)
    const [median, highest] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)]
    return median === undefined ? '-' : `${median.toFixed(digits)} (${highest!.toFixed(digits)})`
  })
}

/** Whether all that came over TCP and HTTP is stored, and no more than was sent over UDP. */
async function printStored(): Promise<boolean> {
  const [minutes, hours] = [await storedIn(store, 'minute', start), await storedIn(store, 'hour', start)]
  let isWhole = fit(load.events, events, load.unsure.has('events'))
  const rows = Object.entries(load.sent).map(([client, sent]) => {
    const [inMinutes = {}, inHours = {}] = [minutes[client], hours[client]]
    const isLossy = client.startsWith('udp.') || load.unsure.has(client)
    const fits = [inMinutes, inHours].every(
      (stored) => fit(sent.values, stored.values, isLossy) && fit(sent.sum, stored.sum, isLossy),
    )
    isWhole &&= fits
    return [
      client,
      ...[sent, inMinutes, inHours].map((of) => `${of.values ?? '-'} / ${of.sum ?? '-'}`),
      fits ? 'yes' : 'NO',
    ]
  })
  console.log(formatTable(['client', 'values / sum sent', 'stored in minutes', 'in hours', 'all'], rows))
  console.log(`events: ${load.events} put, ${events} got`)
  return isWhole
}

function fit(sent: number, stored: number | undefined, isLossy: boolean): boolean {
  return stored === undefined || stored === sent || (isLossy && stored < sent)
}

async function eventsIn(url: string): Promise<number> {
  const body = JSON.stringify({ stream: 'visits', start_time: 0, end_time: 3e17 })
  const text = await (await fetch(`${url}/1.0/events/get`, { method: 'POST', body })).text()
  return text.split('\r\n').length - 1
}
