import { parseValue } from '@kairos/move'
import { type Command, command } from '../command.ts'
import { outputFlags } from '../flags/output.ts'
import { TIMES } from '../flags/range.ts'
import { storeFlags } from '../flags/store.ts'
import { writeRows } from '../output/write-rows.ts'
import { clockOf } from '../reading/prepare.ts'
import { withTimeseries } from '../stores/with-timeseries.ts'
import { timeOf } from '../times/parse-time.ts'

export const insertCommand: Command = command({
  name: 'insert',
  summary: 'writes one or more values with one timestamp',
  details: `Values are written according to the type of the timeseries: numbers, digits, text, true or false, ISO 8601, base64. A count without a value counts 1.\n\n${TIMES}`,
  words: [
    { name: 'name', summary: 'the name' },
    { name: 'value', summary: 'the values', optional: true, many: true },
  ],
  flags: {
    ...storeFlags,
    timestamp: { kind: 'text', value: 'time', summary: 'which moment; default: now' },
    times: { kind: 'whole', value: 'count', summary: 'how many times each value counts' },
    intervals: { kind: 'text', value: 'count', summary: 'also into this many buckets after it, or before it (-30)' },
    once: {
      kind: 'text',
      value: 'key',
      summary: 'a second insert with the same key adds nothing, if the store keeps keys',
    },
    returning: { kind: 'text', value: 'interval', summary: 'show the new count of that bucket' },
    ...outputFlags,
  },
  examples: [
    ['kairos insert home --timeseries views --store sqlite:metrics.db', 'counts one'],
    ['kairos insert outside -3.5 --timestamp "an hour ago" --store sqlite:temperatures.db', 'a value from an hour ago'],
  ],
  async run(call) {
    const { words, flags, terminal, signal } = call
    const [name, ...texts] = words as [string, ...string[]]
    const { times, intervals, once, returning, patience } = flags
    await withTimeseries(
      call,
      async (opened) => {
        const clock = clockOf(flags.zone, opened)
        const values = texts.map((text) => parseValue(opened.valueType, text))
        const result = await opened.timeseries.insert(name, values.length === 0 ? undefined : values, {
          timestamp: timeOf('--timestamp', flags.timestamp, clock),
          ...{ times, once, returning, signal, patience },
          intervals: intervals === undefined ? undefined : Number(intervals),
        })
        const keys = [
          'stored',
          'expired',
          ...('repeated' in result ? ['repeated'] : []),
          ...(returning ? ['value'] : []),
        ]
        const columns = keys.map((key) => ({ key }))
        await writeRows(terminal, [{ ...result }], { columns, format: flags.format, zone: 'UTC', signal, nothing: '' })
      },
      true,
    )
  },
})
