import type { DriverTest } from '../driver-test.ts'
import { TYPES } from '../internal/kinds.ts'
import type { DriverTestOptions } from '../options.ts'
import { killedTest } from './killed.ts'
import { startProcess } from './start-process.ts'
import type { WriterRequest } from './writer-process.ts'
import { expectWritten, writersConfig } from './writers.ts'

const PROCESSES = 3
const ROUNDS = { short: 6, long: 40 } as const

export function processTests({ processes, size = 'short' }: DriverTestOptions): DriverTest[] {
  if (processes === undefined) return []
  return [
    {
      title: `concurrency: ${PROCESSES} processes write the same cells, and nothing is lost or doubled`,
      async run(bench) {
        for (const type of TYPES) await bench.emptied(writersConfig(type))
        const writers = Array.from({ length: PROCESSES }, (_, index) => index + 1)
        await Promise.all(
          writers.map(async (writer) => {
            const { ended } = startProcess<WriterRequest>(processes, 'writer-process', { writer, rounds: ROUNDS[size] })
            const { code, said } = await ended
            if (code !== 0) throw new Error(`the process of writer ${writer} ended with ${code}:\n${said}`)
          }),
        )
        for (const type of TYPES) {
          const { timeseries } = await bench.timeseries(writersConfig(type))
          await expectWritten(type, writers, ROUNDS[size], timeseries)
          await timeseries.deleteAll()
        }
      },
    },
    killedTest(processes),
  ]
}
