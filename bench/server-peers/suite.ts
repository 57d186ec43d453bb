import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { timeOfProcess } from '../processor-time.ts'
import { carbonLines } from '../server/lines.ts'
import { sendTcp } from '../server/send.ts'
import { startServed } from '../server/served.ts'
import type { Suite } from '../suite.ts'
import { startCarbonCache } from './carbon-cache.ts'
import type { Receiver } from './receiver.ts'

/** The program `carbon-cache` of this machine: Debian's package `graphite-carbon` has it in `/usr/bin`. */
const CARBON_CACHE = process.env.KAIROS_BENCH_CARBON_CACHE

const NAMES = 2_000
const LINES = 600_000
const SECONDS = 10

/** What is sent: all of it has the names of `carbonLines`. */
const LOADS: readonly {
  readonly title: string
  readonly lines: number
  send(port: number): Promise<void>
}[] = [
  { title: 'lines as fast as they are taken', lines: LINES, send: (port) => sendTcp(port, carbonLines(LINES, NAMES)) },
  { title: 'each name once a second', lines: NAMES * SECONDS, send: sendSteadily },
]

/**
 * Lines of Carbon's plaintext beside carbon-cache, by processor time of the process that takes them, until they are stored. Files and rows of all names
 * are made before that.
 */
export const suite: Suite = {
  servers: ['redis'],
  async run(report, { redis }) {
    if (CARBON_CACHE === undefined) console.log('KAIROS_BENCH_CARBON_CACHE is missing: carbon-cache is left out')
    const folder = mkdtempSync(join(tmpdir(), 'kairos-bench-'))
    const makers: readonly (() => Promise<Receiver>)[] = [
      ...(CARBON_CACHE === undefined ? [] : [() => startCarbonCache(CARBON_CACHE, join(folder, 'carbon'))]),
      () => startKairos('Kairos on SQLite', `sqlite:${join(folder, 'kairos.db')}`),
      () => startKairos('Kairos on Redis', redis!),
    ]
    try {
      const beside: number[] = []
      for (const make of makers) {
        const receiver = await make()
        await sendTcp(receiver.port, carbonLines(NAMES, NAMES))
        await untilIdle(receiver.pid)
        for (const [index, load] of LOADS.entries()) {
          // Once before it counts, as in every comparison: code is compiled, and what the load before left is collected.
          await secondsOf(receiver, load.send)
          const rate = load.lines / (await secondsOf(receiver, load.send))
          report.figureOf(receiver.name, load.title, rate, 'lines a second of processor time')
          const other = beside[index]
          if (other === undefined) {
            if (receiver.name === 'carbon-cache') beside[index] = rate
          } else report.figureOf(receiver.name, `${load.title}, beside carbon-cache`, rate / other, 'times its speed')
        }
        await receiver.stop()
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

async function startKairos(name: string, store: string): Promise<Receiver> {
  const { pid, ports, stop } = await startServed(store)
  return { name, pid, port: ports.carbon, stop }
}

/** Seconds of processor time for what is sent. */
async function secondsOf({ pid, port }: Receiver, send: (port: number) => Promise<void>): Promise<number> {
  const before = timeOfProcess(pid)
  await send(port)
  await untilIdle(pid)
  return (timeOfProcess(pid) - before) / 1_000
}

const TENTH = 100

/** Servers that report each of their metrics once a second, a tenth of them at a time. */
async function sendSteadily(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  const start = performance.now()
  for (let tenth = 0; tenth < SECONDS * 10; tenth++) {
    await wait(Math.max(0, start + tenth * TENTH - performance.now()))
    const now = Math.floor(Date.now() / 1_000)
    const first = (tenth % 10) * (NAMES / 10)
    socket.write(
      Array.from(
        { length: NAMES / 10 },
        (_, index) => `servers.web${index % 100}.cpu.core${Math.floor((first + index) / 100)}.idle ${index} ${now}\n`,
      ).join(''),
    )
  }
  socket.end()
  await once(socket.resume(), 'close')
}

/** Milliseconds: longer than values wait in a buffer. */
const IDLE = 2_500
const LOOK = 100

/** Resolves when none of a process' threads has run, or waited to run, for a while. */
async function untilIdle(pid: number): Promise<void> {
  let before = timeOfProcess(pid)
  for (let idle = 0; idle < IDLE; idle += LOOK) {
    await wait(LOOK)
    const now = timeOfProcess(pid)
    if (now > before || isRunning(pid)) idle = 0
    before = now
  }
}

function isRunning(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).some((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')
    return !stat.slice(stat.lastIndexOf(')')).startsWith(') S')
  })
}
