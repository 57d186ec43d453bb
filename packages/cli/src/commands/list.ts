import type { Timeseries } from '@kairos/core'
import { type Command, command } from '../command.ts'
import { nameFlags } from '../flags/choice.ts'
import { outputFlags } from '../flags/output.ts'
import { storeFlags } from '../flags/store.ts'
import type { Row } from '../output/columns.ts'
import { writeRows } from '../output/write-rows.ts'
import { withTimeseries } from '../stores/with-timeseries.ts'

export const listCommand: Command = command({
  name: 'list',
  summary: 'lists the names that have data, in the order of their code points',
  words: [],
  flags: {
    ...storeFlags,
    prefix: nameFlags.prefix,
    after: { kind: 'text', value: 'name', summary: 'only names after this one' },
    limit: { kind: 'whole', value: 'count', summary: 'at most this many' },
    format: outputFlags.format,
  },
  examples: [
    ['kairos list --store sqlite:metrics.db', 'all names'],
    [
      'kairos list --store redis://localhost --timeseries views --prefix app. --limit 20',
      'the first 20 that begin with app.',
    ],
  ],
  async run(call) {
    const { flags, terminal, signal } = call
    const { prefix, after, limit, format, patience } = flags
    await withTimeseries(call, async ({ timeseries, label }) => {
      const rows = namesOf(timeseries, { prefix, after, signal, patience }, limit)
      const columns = [{ key: 'name' }]
      await writeRows(terminal, rows, { columns, format, zone: 'UTC', signal, nothing: `no names in ${label}` })
    })
  },
})

async function* namesOf(
  timeseries: Timeseries,
  options: object,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<Row> {
  let left = limit
  for await (const name of timeseries.names(options)) {
    yield { name }
    if (--left === 0) return
  }
}
