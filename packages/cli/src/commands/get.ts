import { type Command, command } from '../command.ts'
import { labelFlags } from '../flags/labels.ts'
import { outputFlags } from '../flags/output.ts'
import { TIMES } from '../flags/range.ts'
import { bucketFlags, splitFlag } from '../flags/reading.ts'
import { storeFlags } from '../flags/store.ts'
import { writeRows } from '../output/write-rows.ts'
import { bucketColumns, bucketRows } from '../reading/bucket-rows.ts'
import { bucketsAsked, bucketWords, checkBucketWords } from '../reading/buckets-asked.ts'
import { matchersOf } from '../reading/matchers.ts'
import { manyFlags } from '../reading/names-asked.ts'
import { noteUnknown } from '../reading/note-unknown.ts'
import { bucketOptions, clockOf } from '../reading/prepare.ts'
import { splittingOf } from '../reading/splitting.ts'
import { withTimeseries } from '../stores/with-timeseries.ts'
import { timeOf } from '../times/parse-time.ts'

export const getCommand: Command = command({
  name: 'get',
  summary: 'shows the bucket that holds a moment',
  details: `Several names are joined, unless you --split them.\n\n${TIMES}`,
  words: bucketWords,
  flags: {
    ...storeFlags,
    ...manyFlags,
    ...bucketFlags,
    timestamp: { kind: 'text', value: 'time', summary: 'which moment; default: now' },
    ...splitFlag,
    ...labelFlags,
    ...outputFlags,
  },
  examples: [
    ['kairos get home --interval day --store sqlite:metrics.db', 'today, so far'],
    [
      'kairos get home shop day --timestamp yesterday --zone Europe/Berlin --store sqlite:metrics.db',
      'both joined, yesterday',
    ],
  ],
  async run(call) {
    const { words, flags, terminal, signal } = call
    const { format } = flags
    checkBucketWords(words, flags)
    await withTimeseries(call, async (opened) => {
      const { interval, names, given } = await bucketsAsked(call, opened)
      const clock = clockOf(flags.zone, opened, interval)
      const { options, transforms } = bucketOptions(call, opened)
      const { part, options: splitting } = splittingOf(flags)
      const timestamp = timeOf('--timestamp', flags.timestamp, clock)
      const result = await opened.timeseries.get(matchersOf(names, flags.where), interval, {
        ...options,
        ...splitting,
        timestamp,
      })
      if (flags.where === undefined) await noteUnknown(call, opened, given)
      // With a resolution, get gives the resolution buckets by themselves.
      const shape = { part, nested: false }
      const output = { columns: bucketColumns(shape, transforms), format, zone: clock.zone, signal }
      await writeRows(terminal, bucketRows(result, shape, transforms), { ...output, nothing: 'no data in that bucket' })
    })
  },
})
