import type { Extent } from '@kairos/core'
import { withoutSecrets } from '@kairos/core/driver'
import { type Command, command } from '../command.ts'
import { outputFlags } from '../flags/output.ts'
import { placeFlags } from '../flags/store.ts'
import type { Column, Row } from '../output/columns.ts'
import { writeRows } from '../output/write-rows.ts'
import { intervalsOf, isKnown, knownIntervals } from '../stores/found.ts'
import { type Opened, open } from '../stores/opened.ts'
import { atPlace, type Place } from '../stores/place.ts'
import { namedStoresOf } from '../stores/where.ts'
import { foundOpenings } from '../stores/with-timeseries.ts'
import { checkedZone } from '../times/checked-zone.ts'

const columns: readonly Column[] = [
  { key: 'timeseries' },
  { key: 'type' },
  { key: 'valueType', sparse: true },
  { key: 'interval' },
  { key: 'step' },
  { key: 'resolution', sparse: true },
  { key: 'zone', sparse: true },
  { key: 'offset', sparse: true },
  { key: 'steps', sparse: true },
  { key: 'names' },
  { key: 'first', kind: 'time' },
  { key: 'last', kind: 'time' },
  { key: 'program', machine: true },
  { key: 'made', machine: true },
]
/** Names whose data is looked at without `--all`. */
const ENOUGH = 1_000

export const discoverCommand: Command = command({
  name: 'discover',
  summary: 'shows the timeseries in a store: types, intervals, number of names, first and last data',
  details: `Changes nothing, and needs no configuration. A timeseries without a name is shown as unnamed:TYPE, which --timeseries accepts.
For one with more than ${ENOUGH} names, the first and last data are shown only with --all.`,
  words: [{ name: 'url', summary: 'the store; default: that of --store', optional: true }],
  flags: {
    ...placeFlags,
    all: { kind: 'boolean', summary: 'look at every name, however many there are' },
    ...outputFlags,
  },
  examples: [
    ['kairos discover sqlite:metrics.db', 'what is in this file'],
    ['kairos discover redis://localhost --format json', 'the same for a program'],
  ],
  async run(call) {
    const { flags, terminal, signal } = call
    const { all = false, format } = flags
    const zone = checkedZone(flags.zone ?? 'UTC')
    const urls = await namedStoresOf(call)
    const shown = urls.map(withoutSecrets).join(', ')
    const rows = async function* (): AsyncGenerator<Row> {
      for (const url of urls) {
        const found = await atPlace(url, call, (place) => rowsOf(place, { all, signal, note: terminal.note }))
        yield* found.map((row) => ({ store: withoutSecrets(url), ...row }))
      }
    }
    const own = urls.length > 1 ? [{ key: 'store' }, ...columns] : columns
    await writeRows(terminal, rows(), { columns: own, format, zone, signal, nothing: `no timeseries at ${shown}` })
  },
})

interface Look {
  readonly all: boolean
  readonly signal: AbortSignal
  note(line: string): void
}

async function rowsOf(place: Place, look: Look): Promise<Row[]> {
  const rows: Row[] = []
  const openings = foundOpenings(place)
  for (const [index, found] of place.found.entries()) {
    const opening = openings[index]!
    const { type, valueType, program, made } = found
    const head = {
      timeseries: opening.label,
      type: isKnown(found) ? type : 'of a later version',
      valueType,
      program,
      made,
    }
    const known = new Map(knownIntervals(found))
    const { names, extents } =
      opening.config === null ? UNKNOWN : await open(opening, (opened) => extentsOf(opened, look))
    for (const [interval, { step, resolution, zone, offset, steps }] of intervalsOf(found)) {
      const recorded = known.has(interval) ? { step, resolution, zone, offset, steps } : { step: 'of a later version' }
      rows.push({ ...head, interval, ...recorded, names, ...extents.get(interval) })
    }
  }
  return rows
}

interface Extents {
  readonly names: number | undefined
  readonly extents: ReadonlyMap<string, Extent>
}

const UNKNOWN: Extents = { names: undefined, extents: new Map() }

async function extentsOf({ timeseries, label }: Opened, { all, signal, note }: Look): Promise<Extents> {
  const extents = new Map<string, Extent>()
  let names = 0
  for await (const name of timeseries.names({ signal })) {
    if (++names > ENOUGH && !all) {
      note(`${label} has more than ${ENOUGH} names: --all counts them, and finds the first and last data`)
      return UNKNOWN
    }
    for (const [interval, own] of Object.entries(await timeseries.properties(name, { signal }))) {
      const { first, last } = own!
      const extent = extents.get(interval)
      extents.set(interval, {
        first: Math.min(first, extent?.first ?? first),
        last: Math.max(last, extent?.last ?? last),
      })
    }
  }
  return { names, extents }
}
