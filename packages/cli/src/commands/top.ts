import { type Command, command } from '../command.ts'
import { nameFlags } from '../flags/choice.ts'
import { whereFlags } from '../flags/labels.ts'
import { outputFlags } from '../flags/output.ts'
import { rangeFlags, TIMES } from '../flags/range.ts'
import { bucketFlags } from '../flags/reading.ts'
import { storeFlags } from '../flags/store.ts'
import { Misuse } from '../misuse.ts'
import { writeRows } from '../output/write-rows.ts'
import { chooseInterval } from '../reading/choose-interval.ts'
import { matchersOf } from '../reading/matchers.ts'
import { clockOf } from '../reading/prepare.ts'
import { withTimeseries } from '../stores/with-timeseries.ts'
import { boundsOf } from '../times/parse-time.ts'

export const topCommand: Command = command({
  name: 'top',
  summary: 'shows the names with the highest values in a range, highest first',
  details: TIMES,
  words: [],
  flags: {
    ...storeFlags,
    interval: bucketFlags.interval,
    ...rangeFlags,
    by: { kind: 'text', value: 'transform', summary: 'what to rank by: count, max, p95, …; default: the count' },
    limit: { kind: 'whole', value: 'count', summary: 'at most this many names (10)' },
    prefix: nameFlags.prefix,
    names: nameFlags.names,
    ...whereFlags,
    ...outputFlags,
  },
  examples: [
    ['kairos top --interval day --start today --store sqlite:metrics.db', 'what was most viewed today'],
    ['kairos top --interval hour --start -24h --by p95 --limit 5 --store sqlite:times.db', 'the five slowest'],
  ],
  async run(call) {
    const { flags, terminal, signal } = call
    const { by, limit, prefix, names, patience, format } = flags
    await withTimeseries(call, async (opened) => {
      const { interval } = chooseInterval([], flags.interval, opened)
      if (flags.where !== undefined && names === undefined)
        throw new Misuse('--where must be used with --names: the name without its labels')
      const asked = names && matchersOf(names, flags.where)
      const own = by === undefined ? undefined : opened.named.transforms?.[by]
      const clock = clockOf(flags.zone, opened, interval)
      const entries = await opened.timeseries.top(interval, {
        ...boundsOf(flags, clock),
        // The compiler cannot know the transforms of this timeseries.
        by: (own ?? by) as never,
        limit,
        prefix,
        names: asked,
        ...(flags.maxNames !== undefined && { maxNames: flags.maxNames }),
        signal,
        patience,
      })
      const columns = [{ key: 'name' }, { key: 'value' }]
      const output = { columns, format, zone: clock.zone, signal, nothing: 'no data in that range' }
      const rows = entries.map((entry) => ({ ...entry }))
      await writeRows(terminal, rows, output)
    })
  },
})
