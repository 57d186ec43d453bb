import { type Command, command } from '../command.ts'
import { whereFlags } from '../flags/labels.ts'
import { outputFlags } from '../flags/output.ts'
import { bucketFlags } from '../flags/reading.ts'
import { storeFlags } from '../flags/store.ts'
import type { Row } from '../output/columns.ts'
import { writeRows } from '../output/write-rows.ts'
import { bucketColumns, bucketRow } from '../reading/bucket-rows.ts'
import { bucketsAsked, bucketWords, checkBucketWords } from '../reading/buckets-asked.ts'
import { matchersOf } from '../reading/matchers.ts'
import { manyFlags } from '../reading/names-asked.ts'
import { bucketOptions, clockOf } from '../reading/prepare.ts'
import type { Transforms } from '../reading/transforms.ts'
import { withTimeseries } from '../stores/with-timeseries.ts'

export const iterateCommand: Command = command({
  name: 'iterate',
  summary: 'shows all buckets from the first to the last, in bounded memory',
  details: 'Several names are joined.',
  words: bucketWords,
  flags: { ...storeFlags, ...manyFlags, ...bucketFlags, ...whereFlags, ...outputFlags },
  examples: [
    [
      'kairos iterate home --interval day --format csv --store sqlite:metrics.db > home.csv',
      'all days, for a spreadsheet',
    ],
    ['kairos iterate home minute --every monthly --store sqlite:metrics.db', 'all months'],
  ],
  async run(call) {
    const { words, flags, terminal, signal } = call
    checkBucketWords(words, flags)
    await withTimeseries(call, async (opened) => {
      const { interval, names } = await bucketsAsked(call, opened)
      const { zone } = clockOf(flags.zone, opened, interval)
      const { options, transforms } = bucketOptions(call, opened)
      const rows = rowsOf(opened.timeseries.iterate(matchersOf(names, flags.where), interval, options), transforms)
      const columns = bucketColumns({ part: undefined, nested: false }, transforms)
      await writeRows(terminal, rows, { columns, format: flags.format, zone, signal, nothing: 'no data' })
    })
  },
})

async function* rowsOf(buckets: AsyncIterable<[number, unknown]>, transforms: Transforms): AsyncGenerator<Row> {
  for await (const [start, data] of buckets) yield bucketRow(start, data, transforms)
}
