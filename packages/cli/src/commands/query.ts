import { type Command, command } from '../command.ts'
import { labelFlags } from '../flags/labels.ts'
import { outputFlags } from '../flags/output.ts'
import { rangeFlags, TIMES } from '../flags/range.ts'
import { splitFlag, transformFlags } from '../flags/reading.ts'
import { storeFlags } from '../flags/store.ts'
import { Misuse } from '../misuse.ts'
import type { Row } from '../output/columns.ts'
import { writeRows } from '../output/write-rows.ts'
import { bucketColumns, bucketRows } from '../reading/bucket-rows.ts'
import { extremeFlags, extremesOf } from '../reading/extremes.ts'
import { matchersOf } from '../reading/matchers.ts'
import { checkNames, manyFlags, namesTogether } from '../reading/names-asked.ts'
import { noteUnknown } from '../reading/note-unknown.ts'
import { clockOf, readOptions } from '../reading/prepare.ts'
import { splittingOf } from '../reading/splitting.ts'
import { withTimeseries } from '../stores/with-timeseries.ts'
import { parseTime, timeOf } from '../times/parse-time.ts'

export const queryCommand: Command = command({
  name: 'query',
  summary: 'shows a range in a limited number of points, from the interval that fits best',
  details: `Several names are joined, unless you --split them.\n\n${TIMES}`,
  words: [{ name: 'name', summary: 'a name that list shows', many: true, optional: true }],
  flags: {
    ...storeFlags,
    ...manyFlags,
    ...rangeFlags,
    maxPoints: { kind: 'whole', value: 'count', summary: 'the most points per name (500)' },
    ...transformFlags,
    ...splitFlag,
    ...labelFlags,
    ...extremeFlags,
    explain: { kind: 'boolean', summary: 'explain on stderr why it chose that interval' },
    ...outputFlags,
  },
  examples: [
    [
      'kairos query home --start -30d --max-points 30 --zone Europe/Berlin --store sqlite:metrics.db',
      'a month in 30 points',
    ],
    ['kairos query home --start yesterday --explain --store sqlite:metrics.db', 'and why it chose those buckets'],
  ],
  async run(call) {
    const { words, flags, terminal, signal } = call
    const { explain, maxPoints, zone, format } = flags
    if (flags.start === undefined) throw new Misuse('--start must be given: --start -24h')
    const start = flags.start
    checkNames(words, flags)
    await withTimeseries(call, async (opened) => {
      const names = await namesTogether(words, call, opened)
      const clock = clockOf(zone, opened)
      const { options, transforms } = readOptions(call, opened)
      const { part, options: splitting } = splittingOf(flags)
      const {
        interval,
        every,
        points,
        why = [],
        ...answer
      } = await opened.timeseries.query(matchersOf(names, flags.where), {
        ...options,
        ...{ start: parseTime('--start', start, clock), end: timeOf('--end', flags.end, clock) },
        ...{ maxPoints, zone, explain },
        ...splitting,
      })
      for (const sentence of why) terminal.report(sentence)
      terminal.note(`from ${interval}${every === null ? '' : ` every ${every}`} in ${answer.zone}`)
      if (flags.where === undefined) await noteUnknown(call, opened, words)
      const shape = { part, nested: false }
      const columns = [
        ...bucketColumns(shape, transforms),
        { key: 'interval', machine: true } as const,
        { key: 'every', machine: true } as const,
      ]
      const output = { columns, format, zone: answer.zone, signal, nothing: 'no data in that range' }
      const rows = extremesOf(bucketRows(points, shape, transforms), transforms.columns[0]!, flags)
      await writeRows(terminal, withChoice(rows, { interval, every }), output)
    })
  },
})

/** Of what kind of buckets each row is. */
function* withChoice(rows: Iterable<Row>, choice: Row): Generator<Row> {
  for (const row of rows) yield { ...row, ...choice }
}
