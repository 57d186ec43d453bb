import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { timeseriesOf } from '../../../move/test/support/samples.ts'
import { typed } from './kairos.ts'
import { type Exchange, terminalSvg } from './terminal-svg.ts'

/** Where the recording is, from the root of the workspace. `npm run record` writes it. */
export const RECORDING = 'docs/images/kairos.svg'

const COLUMNS = 100
const SESSION: readonly string[] = [
  'kairos discover sqlite:metrics.db',
  'export KAIROS_STORE=sqlite:metrics.db',
  'kairos top --timeseries views --interval hour --start 2024-02-26 --end 2024-03-03 --limit 3',
  'kairos series home --timeseries views --interval hour --start 2024-02-26 --steps 7 --every daily',
  'kairos plot home pricing --timeseries views --start 2024-02-29 --end 2024-03-02T23:00 --height 8',
  'kairos series checkout --timeseries times --transform p95 --start 2024-02-29 --steps 24 --highest 1',
  'kairos plot checkout --timeseries times --start 2024-02-29 --end 2024-02-29T23:00 --height 8',
  'kairos migrate --from sqlite:metrics.db --to postgres://localhost/metrics --dry-run',
  'kairos digest --timeseries views',
]

/** What the commands of a session print today, as an SVG. */
export async function record(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'kairos-recording-'))
  const store = `sqlite:${join(folder, 'metrics.db')}`
  try {
    await writeWeek(store)
    const exchanges: Exchange[] = []
    for (const line of SESSION) exchanges.push({ line, answer: await answerOf(line, store) })
    return terminalSvg(exchanges, COLUMNS)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function answerOf(line: string, store: string): Promise<string> {
  if (!line.startsWith('kairos ')) return ''
  // The plan of a migration is that to any store.
  const asked = line.replace('sqlite:metrics.db', store).replace('postgres://localhost/metrics', 'memory:')
  const { code, out, err } = await typed(asked, { env: { KAIROS_STORE: store }, terminal: true, columns: COLUMNS })
  if (code !== 0) throw new Error(`${line}: ${err}`)
  return out + err
}

const HOUR = 3_600
const MONDAY = Date.UTC(2024, 1, 26) / 1_000

/** A week of a site: more by day than by night, and one hour when it was slow. */
async function writeWeek(store: string): Promise<void> {
  const intervals = { hour: { step: '1h' } } as const
  const views = timeseriesOf(
    { name: 'views', type: 'count', intervals: { ...intervals, day: { step: 'daily', zone: 'Europe/Berlin' } } },
    store,
  )
  const times = timeseriesOf({ name: 'times', type: 'distribution', accuracy: 0.02, intervals }, store)
  const hours = Array.from({ length: 7 * 24 }, (_, index) => index)
  const sizes = Object.entries({ home: 900, pricing: 420, blog: 160 })
  await views.bulkInsert(
    hours.flatMap((index) =>
      sizes.map(([name, size]) => ({ name, value: viewsOf(index, size), timestamp: MONDAY + index * HOUR })),
    ),
  )
  await times.bulkInsert(
    hours.flatMap((index) =>
      [20, 28, 40, 65, 110, 240].map((value) => ({
        name: 'checkout',
        value: index === SLOW ? value * 9 : value,
        times: 1 + Math.round(viewsOf(index, 900 / value)),
        timestamp: MONDAY + index * HOUR,
      })),
    ),
  )
  await Promise.all([views.close(), times.close()])
}

/** Thursday at two. */
const SLOW = 3 * 24 + 14

function viewsOf(index: number, size: number): number {
  const day = 0.55 - 0.45 * Math.cos(((index % 24) - 3) * (Math.PI / 12))
  return Math.round(size * day * (index >= 5 * 24 ? 0.6 : 1))
}
