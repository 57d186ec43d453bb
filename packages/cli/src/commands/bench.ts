import { benchOf, type Generator } from '../bench/bench.ts'
import { type Command, command } from '../command.ts'
import { outputFlags } from '../flags/output.ts'
import { storeFlags } from '../flags/store.ts'
import { Misuse } from '../misuse.ts'
import type { Row } from '../output/columns.ts'
import { writeRows } from '../output/write-rows.ts'
import { open } from '../stores/opened.ts'
import { whereOf } from '../stores/where.ts'
import { configuredOpening } from '../stores/with-timeseries.ts'
import { isSure } from '../terminal/ask.ts'
import { spanOf } from '../times/span-of.ts'

const columns = ['timeseries', 'writes', 'seconds', 'perSecond', 'p50', 'p95', 'p99', 'max', 'failed'].map((key) => ({
  key,
}))

export const benchCommand: Command = command({
  name: 'bench',
  summary: "runs the configuration's generators, and shows rates and latencies",
  details: `Timeseries with a generator are written to in turn, one insert after another on each of --parallel lanes. Latencies are in milliseconds.
What is written stays, unless --clear deletes all data of the timeseries before and afterwards.`,
  words: [],
  flags: {
    ...storeFlags,
    duration: { kind: 'text', value: 'span', summary: 'how long for each timeseries: 10s, 1min (10s)' },
    parallel: { kind: 'whole', value: 'count', summary: 'how many inserts are made at once (16)' },
    clear: { kind: 'boolean', summary: 'delete all data of these timeseries before and afterwards; asks' },
    yes: { kind: 'boolean', summary: 'do not ask' },
    format: outputFlags.format,
  },
  examples: [['kairos bench --config kairos.config.ts --duration 5s', 'five seconds of each generator']],
  async run(call) {
    const { flags, terminal, signal } = call
    const { configured = [], named } = await whereOf(call)
    const chosen = configured.filter(
      ({ name, generator }) => generator !== undefined && (flags.timeseries === undefined || flags.timeseries === name),
    )
    if (chosen.length === 0)
      throw new Misuse('a configuration with a generator must be given: --config kairos.config.ts')
    const names = chosen.map(({ name }) => name).join(', ')
    if (flags.clear && !(await isSure(terminal, `delete all data of ${names}`, flags.yes, signal)))
      return terminal.report('nothing was written')
    const seconds = spanOf('--duration', flags.duration ?? '10s')
    const rows: Row[] = []
    for (const each of chosen) {
      const { name, generator, rolling } = each
      const lane = { generator: generator as Generator, rolling, parallel: flags.parallel ?? 16, seconds, signal }
      const row = await open({ ...configuredOpening(each, named), mayBeNew: true }, async ({ timeseries }) => {
        if (flags.clear) await timeseries.deleteAll({})
        const result = await benchOf(timeseries, lane)
        if (flags.clear) await timeseries.deleteAll({})
        return { timeseries: name, ...result }
      })
      rows.push(row)
    }
    await writeRows(terminal, rows, {
      columns,
      format: flags.format,
      zone: 'UTC',
      signal: new AbortController().signal,
      nothing: '',
    })
    signal.throwIfAborted()
  },
})
