import { type Command, command } from '../command.ts'
import { labelFlags } from '../flags/labels.ts'
import { outputFlags } from '../flags/output.ts'
import { rangeFlags, TIMES } from '../flags/range.ts'
import { bucketFlags, splitFlag } from '../flags/reading.ts'
import { storeFlags } from '../flags/store.ts'
import { writeRows } from '../output/write-rows.ts'
import { bucketColumns, bucketRows } from '../reading/bucket-rows.ts'
import { bucketsAsked, bucketWords, checkBucketWords } from '../reading/buckets-asked.ts'
import { extremeFlags, extremesOf } from '../reading/extremes.ts'
import { matchersOf } from '../reading/matchers.ts'
import { manyFlags } from '../reading/names-asked.ts'
import { noteExpired } from '../reading/note-expired.ts'
import { noteUnknown } from '../reading/note-unknown.ts'
import { bucketOptions, clockOf } from '../reading/prepare.ts'
import { splittingOf } from '../reading/splitting.ts'
import { withTimeseries } from '../stores/with-timeseries.ts'
import { boundsOf, rangeOf } from '../times/parse-time.ts'

export const seriesCommand: Command = command({
  name: 'series',
  summary: 'shows a range of buckets, including those without data',
  details: `Several names are joined, unless you --split them. Without --start, it shows as many buckets as are kept, up to --end or now; with --start, all up to --end or now, or --steps of them.\n\n${TIMES}`,
  words: bucketWords,
  flags: {
    ...storeFlags,
    ...manyFlags,
    ...bucketFlags,
    ...rangeFlags,
    steps: { kind: 'whole', value: 'count', summary: 'how many buckets from --start on, or up to --end or now' },
    collapse: { kind: 'boolean', summary: 'merge the whole range into one bucket' },
    ...splitFlag,
    ...labelFlags,
    ...extremeFlags,
    ...outputFlags,
  },
  examples: [
    [
      'kairos series checkout --interval hour --start -7d --transform p95 --highest 1 --store sqlite:times.db',
      'the worst hour of a week',
    ],
    ['kairos series home --interval day --steps 7 --store sqlite:metrics.db', 'the last seven days'],
    [
      'kairos series home minute --start -24h --every 15min --fill previous --store sqlite:metrics.db',
      'a day in quarters of an hour, without gaps',
    ],
    [
      'kairos series home minute --start yesterday --steps 96 --every 15min --fill 0 --zone Europe/Berlin --store sqlite:metrics.db',
      'yesterday in Berlin, without today',
    ],
    [
      'kairos series checkout --start today --collapse --transform p50,p95,p99 --store sqlite:times.db',
      'latencies of today',
    ],
  ],
  async run(call) {
    const { words, flags, terminal, signal } = call
    const { collapse, steps, format } = flags
    checkBucketWords(words, flags)
    await withTimeseries(call, async (opened) => {
      const { interval, names, given } = await bucketsAsked(call, opened)
      const clock = clockOf(flags.zone, opened, interval)
      const { options, transforms } = bucketOptions(call, opened)
      const { part, options: splitting } = splittingOf(flags)
      const range = {
        // The library counts from the start on where it gets no end.
        ...(steps === undefined ? rangeOf(flags, clock) : { ...boundsOf(flags, clock), steps }),
        ...(collapse && { collapse }),
      }
      const result = await opened.timeseries.series(matchersOf(names, flags.where), interval, {
        ...options,
        ...range,
        ...splitting,
      })
      noteExpired(call, opened, { interval, start: range.start, clock })
      if (flags.where === undefined) await noteUnknown(call, opened, given)
      const merges = flags.condense === true || collapse === true || flags.every !== undefined
      const shape = { part, nested: opened.intervals.get(interval)!.hasResolution && !merges }
      const output = { columns: bucketColumns(shape, transforms), format, zone: clock.zone, signal }
      await writeRows(terminal, extremesOf(bucketRows(result, shape, transforms), transforms.columns[0]!, flags), {
        ...output,
        nothing: 'no data in that range',
      })
    })
  },
})
