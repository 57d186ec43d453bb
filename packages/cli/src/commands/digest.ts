import { type Digest, digest } from '@kairos/move'
import { type Command, command } from '../command.ts'
import { choiceFlags } from '../flags/choice.ts'
import { outputFlags } from '../flags/output.ts'
import { TIMES } from '../flags/range.ts'
import { storeFlags } from '../flags/store.ts'
import { choiceOf, notAmong } from '../moving/choice.ts'
import type { Row } from '../output/columns.ts'
import { writeRows } from '../output/write-rows.ts'
import { clockOf } from '../reading/prepare.ts'
import { withEachTimeseries } from '../stores/with-timeseries.ts'

export const digestCommand: Command = command({
  name: 'digest',
  summary: 'shows the number of cells of each timeseries, and a digest of them',
  details: `Stores with the same cells have the same digest. Without --timeseries, it shows all timeseries of the store or, with --interval, those that have such intervals.\n\n${TIMES}`,
  words: [],
  flags: {
    ...storeFlags,
    ...choiceFlags,
    each: { kind: 'boolean', summary: 'one digest for each interval' },
    ...outputFlags,
  },
  examples: [
    ['kairos digest --store sqlite:metrics.db', 'to compare with that of a copy'],
    ['kairos digest --timeseries views --each --start -30d --store redis://localhost', 'the last 30 days, by interval'],
  ],
  async run(call) {
    const { flags, terminal, signal } = call
    const rows: Row[] = []
    const known = new Set<string>()
    await withEachTimeseries(call, async (opened) => {
      for (const name of opened.intervals.keys()) known.add(name)
      // Of several timeseries, one may have an interval that another has not.
      const own =
        flags.timeseries === undefined ? flags.interval?.filter((name) => opened.intervals.has(name)) : flags.interval
      if (own?.length === 0) return
      const chosen = { ...call, flags: { ...flags, interval: own } }
      const found = await digest(opened.timeseries, choiceOf(chosen, opened, clockOf(flags.zone, opened)))
      rows.push(...rowsOf(opened.label, found, flags.each === true))
    })
    const unknown = flags.interval?.find((name) => !known.has(name))
    if (unknown !== undefined) throw notAmong(unknown, 'these timeseries', known)
    const interval = flags.each ? [{ key: 'interval' }] : []
    const columns = [{ key: 'timeseries' }, ...interval, { key: 'cells' }, { key: 'digest' }]
    await writeRows(terminal, rows, { columns, format: flags.format, zone: 'UTC', signal, nothing: 'no cells' })
  },
})

function rowsOf(timeseries: string, { cells, digest, intervals }: Digest, each: boolean): Row[] {
  if (!each) return [{ timeseries, cells, digest }]
  return Object.entries(intervals).map(([interval, own]) => ({ timeseries, interval, ...own }))
}
