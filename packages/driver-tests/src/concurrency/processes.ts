import type { DriverTest } from '../driver-test.ts'
import type { DriverTestOptions } from '../options.ts'
import { killedTest } from './killed.ts'
import { type StartedProcess, startProcess } from './start-process.ts'
import type { WriterRequest } from './writer-process.ts'
import { expectWritten, writersConfig } from './writers.ts'

const PROCESSES = 3
const ROUNDS = { short: 6, long: 40 } as const

export function processTests({ processes, size = 'short' }: DriverTestOptions): DriverTest[] {
  const together: DriverTest = {
    title: `concurrency: ${PROCESSES} processes write the same cells, and nothing is lost or doubled`,
    async run(context) {
      const types = await context.types()
      const { exclusive = false } = processes!
      for (const type of types) await context.emptied(writersConfig(type))
      const writers = Array.from({ length: PROCESSES }, (_, index) => index + 1)
      const start = (writer: number): StartedProcess =>
        startProcess<WriterRequest>(processes!, 'writer-process', { writer, rounds: ROUNDS[size], types })
      if (exclusive) {
        await context.close()
        for (const writer of writers) await wellEnded(writer, start(writer))
      } else await Promise.all(writers.map((writer) => wellEnded(writer, start(writer))))
      for (const type of types) {
        const { timeseries } = await context.timeseries(writersConfig(type))
        await expectWritten(type, writers, ROUNDS[size], timeseries)
        await timeseries.deleteAll()
      }
    },
  }
  return [together, killedTest(processes)].map((test) => ({
    ...test,
    skip: () => (processes === undefined ? 'describeDriver was not given `processes`' : null),
  }))
}

async function wellEnded(writer: number, { ended }: StartedProcess): Promise<void> {
  const { code, said } = await ended
  if (code !== 0) throw new Error(`the process of writer ${writer} ended with ${code}:\n${said}`)
}
