import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { DriverTest } from '../driver-test.ts'
import { TYPES } from '../internal/kinds.ts'
import type { DriverTestOptions, ProcessOptions } from '../options.ts'
import type { WriterRequest } from './writer-process.ts'
import { expectWritten, writersConfig } from './writers.ts'

const PROCESSES = 3
const ROUNDS = { short: 6, long: 40 } as const

/** The same file in the sources and in the build, where only its name ends otherwise. */
const WRITER = new URL(`./writer-process.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url)

export function processTests({ processes, size = 'short' }: DriverTestOptions): DriverTest[] {
  if (processes === undefined) return []
  return [
    {
      title: `concurrency: ${PROCESSES} processes write the same cells, and nothing is lost or doubled`,
      async run(bench) {
        for (const type of TYPES) await bench.emptied(writersConfig(type))
        const writers = Array.from({ length: PROCESSES }, (_, index) => index + 1)
        await Promise.all(
          writers.map((writer) =>
            runWriter(processes, { writer, rounds: ROUNDS[size], module: hrefOf(processes.module) }),
          ),
        )
        for (const type of TYPES) {
          const { timeseries } = await bench.timeseries(writersConfig(type))
          await expectWritten(type, writers, ROUNDS[size], timeseries)
          await timeseries.deleteAll()
        }
      },
    },
  ]
}

function hrefOf(module: string | URL): string {
  return typeof module === 'string' ? module : module.href
}

/** One process that writes and ends. */
async function runWriter({ env, execArgv = process.execArgv }: ProcessOptions, request: WriterRequest): Promise<void> {
  const writer = spawn(process.execPath, [...execArgv, fileURLToPath(WRITER), JSON.stringify(request)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [writer.stdout, writer.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  const [code] = await once(writer, 'close')
  if (code !== 0) throw new Error(`the process of writer ${request.writer} ended with ${code}:\n${said}`)
}
