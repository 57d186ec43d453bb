import { randomUUID } from 'node:crypto'
import type { TimeseriesType } from '@kairos/core/driver'
import type { DriverTest } from '../driver-test.ts'
import type { AnyTimeseries } from '../internal/any-timeseries.ts'
import { dataOf } from '../internal/data.ts'
import { same } from '../internal/same.ts'
import type { DriverTestOptions } from '../options.ts'
import { killedTest } from './killed.ts'
import { isLimited, LIMIT, LIMITED, limitedConfig, passing } from './limited.ts'
import { type StartedProcess, startProcess } from './start-process.ts'
import type { WriterRequest } from './writer-process.ts'
import { expectWritten, KEYED, writeAs, writersConfig } from './writers.ts'

/** This process and those that it starts. */
const PROCESSES = { short: 3, long: 8 } as const
const THIS = 1
/** Callers of each process that try to pass a limit. */
const LIMITED_CALLERS = 20
const ROUNDS = { short: 6, long: 40 } as const

export function processTests({ processes, size = 'short' }: DriverTestOptions): DriverTest[] {
  const many = PROCESSES[size]
  const together: DriverTest = {
    title: `concurrency: several processes write the same cells, and nothing is lost or doubled`,
    async run(context) {
      const types = await context.types()
      const { exclusive = false } = processes!
      for (const type of types) await context.emptied(writersConfig(type))
      const limited = (await isLimited(context)) ? LIMITED_CALLERS : 0
      if (limited > 0) await context.emptied(limitedConfig)
      /** Of each process. */
      const passed: number[] = []
      const writers = Array.from({ length: many }, (_, index) => THIS + index)
      const [, ...others] = writers
      const { exactlyOnce } = await context.capabilities()
      // Each run has its own key: the store may remember those of an earlier one.
      const once = exactlyOnce !== false && exactlyOnce.seconds > 0 ? `written by ${randomUUID()}` : null
      const start = (writer: number): StartedProcess =>
        startProcess<WriterRequest>(processes!, 'writer-process', {
          writer,
          rounds: ROUNDS[size],
          once,
          limited,
          types,
        })
      const writeHere = async (): Promise<void> => {
        await Promise.all(
          types.map(async (type) => {
            const { timeseries } = await context.timeseries(writersConfig(type))
            await writeAs(THIS, ROUNDS[size], timeseries)
            if (once !== null) await timeseries.insert(KEYED, 7, { once })
          }),
        )
        if (limited === 0) return
        const { timeseries } = await context.timeseries(limitedConfig)
        passed.push(await passing([timeseries], limited))
      }
      const end = async (writer: number, process: StartedProcess): Promise<void> => {
        passed.push(passedOf(await wellEnded(writer, process)))
      }
      if (exclusive) {
        await context.close()
        for (const writer of others) await end(writer, start(writer))
        await writeHere()
      } else {
        const started = others.map((writer) => ({ writer, process: start(writer) }))
        const ended = Promise.all(started.map(({ writer, process }) => end(writer, process)))
        await Promise.all([
          ended,
          Promise.race([ended, ...started.map(({ process }) => begun(process))]).then(writeHere),
        ])
      }
      for (const type of types) {
        const { timeseries } = await context.timeseries(writersConfig(type))
        await expectWritten(type, writers, ROUNDS[size], timeseries)
        if (once !== null) await expectOnce(type, once, many, timeseries)
        await timeseries.deleteAll()
      }
      if (limited === 0) return
      const all = passed.reduce((sum, each) => sum + each, 0)
      same(all, LIMIT, `callers of ${many} processes that passed a limit of ${LIMIT}, ${limited} of each`)
      await context.emptied(limitedConfig)
    },
  }
  return [together, killedTest(processes, size)].map((test) => ({
    ...test,
    skip: () => (processes === undefined ? 'describeDriver was not given `processes`' : null),
  }))
}

/** What every process wrote by one key is there once, and this process's repeat adds nothing. */
async function expectOnce(type: TimeseriesType, once: string, many: number, timeseries: AnyTimeseries): Promise<void> {
  const what = `a ${type} that ${many} processes wrote by one key`
  const alone = await dataOf(type, [7])
  const cellOf = async () => [...(await timeseries.get(KEYED, 'writers minute')).values()][0]
  same(await cellOf(), alone, what)
  const repeated = { stored: 0, expired: 0, repeated: true }
  same(await timeseries.insert(KEYED, 7, { once }), repeated, `the write repeated by this process, of ${what}`)
  same(await cellOf(), alone, `${what}, after the repeat`)
}

/** When the process says that it writes. */
function begun(process: StartedProcess): Promise<void> {
  return new Promise((resolve) => process.onLine(() => resolve()))
}

/** Resolves to what it printed. */
async function wellEnded(writer: number, { ended }: StartedProcess): Promise<string> {
  const { code, said } = await ended
  if (code !== 0) throw new Error(`the process of writer ${writer} ended with ${code}:\n${said}`)
  return said
}

/** How many callers of a process passed. */
function passedOf(said: string): number {
  const line = said.split('\n').find((each) => each.startsWith(LIMITED))
  return Number(line?.slice(LIMITED.length) ?? 0)
}
