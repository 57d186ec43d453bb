import { type Command, command } from '../command.ts'
import { nameFlags } from '../flags/choice.ts'
import { outputFlags } from '../flags/output.ts'
import { rangeFlags, TIMES } from '../flags/range.ts'
import { storeFlags } from '../flags/store.ts'
import { mustBe } from '../misuse.ts'
import { interruptible } from '../moving/interruptible.ts'
import type { Column } from '../output/columns.ts'
import { writeRows } from '../output/write-rows.ts'
import { clockOf } from '../reading/prepare.ts'
import { withTimeseries } from '../stores/with-timeseries.ts'
import { startProgress } from '../terminal/progress.ts'
import { boundsOf } from '../times/parse-time.ts'

const columns: readonly Column[] = [
  { key: 'stored' },
  { key: 'incomplete' },
  { key: 'first', kind: 'time' },
  { key: 'last', kind: 'time' },
]

export const rebuildCommand: Command = command({
  name: 'rebuild',
  summary: 'recomputes an interval from a finer one',
  details: `Each bucket for which the finer interval has data becomes exactly what that adds up to. It can be repeated.
It shows how many cells were set, and how many buckets were left alone because the finer interval begins in the middle of them.\n\n${TIMES}`,
  words: [
    { name: 'interval', summary: 'the interval to recompute' },
    { name: 'source', summary: 'the finer one' },
  ],
  flags: {
    ...storeFlags,
    ...nameFlags,
    ...rangeFlags,
    current: { kind: 'boolean', summary: 'also buckets that have not ended; only while nothing writes' },
    ...outputFlags,
  },
  examples: [
    [
      'kairos rebuild day minute --start 2024-02-01 --end 2024-02-29 --store sqlite:metrics.db',
      'the days of a month, from the minutes',
    ],
  ],
  async run(call) {
    const { words, flags, terminal, signal } = call
    const [interval, from] = words as [string, string]
    const { names, prefix, current, patience, format } = flags
    await withTimeseries(call, async (opened) => {
      const { intervals, label, timeseries } = opened
      for (const word of words)
        if (!intervals.has(word))
          throw mustBe('the interval', `one of ${label} (${[...intervals.keys()].join(', ')})`, word)
      const clock = clockOf(flags.zone, opened, interval)
      const progress = startProgress(terminal, 'cells')
      const work = timeseries.rebuild(interval, {
        ...{ from, names, prefix, current, signal, patience },
        ...boundsOf(flags, clock),
        onProgress: ({ stored }) => progress.update(stored),
      })
      const howToGoOn = 'what was rebuilt stays: repeat the command to continue'
      const result = await interruptible(signal, howToGoOn, work).finally(progress.stop)
      await writeRows(terminal, [{ ...result }], { columns, format, zone: clock.zone, signal, nothing: '' })
    })
  },
})
