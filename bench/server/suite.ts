import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Report } from '../harness.ts'
import type { Suite } from '../suite.ts'
import { carbonLines, statsdLines } from './lines.ts'
import { sendTcp, sendUdp } from './send.ts'
import { type Served, startServed } from './served.ts'

const LINES = 2_000_000
const NAMES = 10_000

/** What the server takes in, with SQLite: client and server share the machine, so that what counts is the server's processor time. */
export const suite: Suite = {
  servers: [],
  async run(report) {
    const folder = mkdtempSync(join(tmpdir(), 'kairos-bench-'))
    const store = (name: string): string => `sqlite:${join(folder, name)}.db`
    try {
      const carbon = carbonLines(LINES, NAMES)
      const metrics = statsdLines(LINES, NAMES)
      await measure(report, 'Carbon', store('carbon'), carbon, ({ ports }) => sendTcp(ports.carbon, carbon))
      await measure(report, 'StatsD over TCP', store('tcp'), metrics, ({ ports }) => sendTcp(ports.statsd, metrics))
      await measure(report, 'StatsD over UDP', store('udp'), metrics, ({ ports }) => sendUdp(ports.statsd, metrics))
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

async function measure(
  report: Report,
  title: string,
  store: string,
  lines: readonly string[],
  send: (served: Served) => Promise<void>,
): Promise<void> {
  const served = await startServed(store)
  const cpu = await served.metric('process_cpu_seconds_total')
  const start = performance.now()
  await send(served)
  while ((await served.metric('kairos_buffer_pending')) > 0) await wait(20)
  const seconds = (performance.now() - start) / 1_000
  const taken = await served.metric('kairos_values_accepted_total')
  report.figure(`${title}: taken and stored`, taken / seconds, 'values/s')
  report.figure(
    `${title}: by processor time`,
    taken / ((await served.metric('process_cpu_seconds_total')) - cpu),
    'values/s',
  )
  report.figure(`${title}: sent and not taken`, lines.length - taken, 'values')
  report.figure(`${title}: resident memory`, (await served.metric('process_resident_memory_bytes')) / 2 ** 20, 'MiB')
  await served.stop()
}
