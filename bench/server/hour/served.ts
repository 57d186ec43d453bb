import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ServerConfig } from '@kairos/server'
import type { Sample } from './sampled.ts'

const CLI = fileURLToPath(new URL('../../../packages/cli/src/bin.ts', import.meta.url))
const SAMPLED = new URL('sampled.ts', import.meta.url).href

/** Minutes of a day, hours of two years. */
export const intervals = { minute: { step: '1min', steps: 1_440 }, hour: { step: '1h', steps: 17_520 } } as const
const TYPES = {
  metrics: { type: 'summary', takes: ['value'] },
  counts: { type: 'count', takes: ['count'] },
  timings: { type: 'distribution', takes: ['timing'] },
  gauges: { type: 'gauge', takes: ['gauge'] },
  members: { type: 'unique', takes: ['member'] },
} as const

/** A `kairos serve` in a process of its own, whose configuration can be changed. */
export interface HourServer {
  readonly url: string
  readonly ports: Readonly<Record<'carbon' | 'pickle' | 'statsd', number>>
  sample(): Promise<Sample>
  /** Another configuration takes the place of the one before, or is refused where `wrong`. */
  reload(number: number): Promise<void>
  /** Ends it with SIGTERM. */
  stop(): Promise<void>
}

export async function startHourServer(store: string, folder: string): Promise<HourServer> {
  const file = join(folder, 'kairos.config.json')
  const configure = (number: number): void => writeFileSync(file, JSON.stringify(configuration(store, folder, number)))
  configure(0)
  const flags = ['--conditions=@kairos/source', '--expose-gc', `--import=${SAMPLED}`]
  const child = spawn(process.execPath, [...flags, CLI, 'serve', '--config', file], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const exited = once(child, 'exit')
  process.on('exit', () => child.kill('SIGKILL'))
  const said = listen(child)
  const [, url, carbon, pickle, statsd] = (await said(
    /serving (\S+), carbon on (\d+), pickle on (\d+), statsd on (\d+)\n/,
  ))!
  return {
    url: url!,
    ports: { carbon: Number(carbon), pickle: Number(pickle), statsd: Number(statsd) },
    async sample() {
      const answered = once(child, 'message')
      child.send('sample')
      return (await answered)[0] as Sample
    },
    async reload(number) {
      configure(number)
      const done = said(/the configuration (stays as it was|was loaded again).*\n/)
      child.kill('SIGHUP')
      const [, what] = await done
      if ((what === 'stays as it was') !== isWrong(number)) throw new Error(`configuration ${number} ${what}`)
    },
    async stop() {
      child.kill('SIGTERM')
      const [code] = await exited
      if (code !== 0) throw new Error(`the server ended with ${code}`)
    },
  }
}

/** Every third one has a mistake. */
function isWrong(number: number): boolean {
  return number % 3 === 2
}

function configuration(store: string, folder: string, number: number): ServerConfig {
  const timeseries = Object.fromEntries(
    Object.entries(TYPES).map(([name, type]) => [name, { ...type, intervals, match: ['tcp.**', 'udp.**', 'http.**'] }]),
  )
  const extra = { type: isWrong(number) ? 'cuont' : 'count', intervals, match: 'http.json.**', takes: ['value'] }
  return {
    stores: { main: store },
    timeseries: { ...timeseries, ...(number % 3 !== 0 && { [`extra${number % 3}`]: extra }) } as never,
    server: {
      port: 0,
      carbon: { port: 0, picklePort: 0 },
      statsd: { port: 0 },
      kronos: true,
      deadLetter: join(folder, 'dead-letters.ndjson'),
      limits: { maxConnections: 500 + (number % 3) },
    },
  }
}

/** Waits for a text of what a process says; what was found is not found again. */
function listen(child: ChildProcess): (wanted: RegExp) => Promise<RegExpExecArray> {
  let text = ''
  let check = (): void => {}
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (piece) => {
      text += piece
      check()
    })
  let fail = (_: Error): void => {}
  child.once('exit', () => fail(new Error(`the server ended: ${text}`)))
  return (wanted) =>
    new Promise((resolve, reject) => {
      fail = reject
      check = () => {
        const found = wanted.exec(text)
        if (found === null) return
        text = text.slice(found.index + found[0].length)
        resolve(found)
      }
      check()
    })
}
