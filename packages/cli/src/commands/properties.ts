import { type Command, command } from '../command.ts'
import { outputFlags } from '../flags/output.ts'
import { storeFlags } from '../flags/store.ts'
import type { Column, Row } from '../output/columns.ts'
import { writeRows } from '../output/write-rows.ts'
import { checkNames, manyFlags, namesAsked } from '../reading/names-asked.ts'
import { clockOf } from '../reading/prepare.ts'
import type { Opened } from '../stores/opened.ts'
import { withTimeseries } from '../stores/with-timeseries.ts'

const columns: readonly Column[] = [
  { key: 'name' },
  { key: 'interval' },
  { key: 'first', kind: 'time' },
  { key: 'last', kind: 'time' },
]

export const propertiesCommand: Command = command({
  name: 'properties',
  summary: 'shows when the first and the last bucket with data begin, by interval',
  words: [{ name: 'name', summary: 'a name that list shows', many: true, optional: true }],
  flags: { ...storeFlags, ...manyFlags, ...outputFlags },
  examples: [['kairos properties home --store sqlite:metrics.db', 'how far back home has data']],
  async run(call) {
    const { words, flags, terminal, signal } = call
    const { format, patience } = flags
    checkNames(words, flags)
    await withTimeseries(call, async (opened) => {
      const { zone } = clockOf(flags.zone, opened)
      const rows = rowsOf(opened, namesAsked(words, call, opened), { signal, patience })
      await writeRows(terminal, rows, { columns, format, zone, signal, nothing: `no data in ${opened.label}` })
    })
  },
})

async function* rowsOf(
  { timeseries, intervals }: Opened,
  names: AsyncIterable<string>,
  options: object,
): AsyncGenerator<Row> {
  for await (const name of names) {
    const extents = await timeseries.properties(name, options)
    for (const interval of intervals.keys())
      if (extents[interval] !== undefined) yield { name, interval, ...extents[interval] }
  }
}
