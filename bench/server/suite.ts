import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Report } from '../harness.ts'
import type { Suite } from '../suite.ts'
import { measureReads } from './reads.ts'
import { type Served, startServed } from './served.ts'

const LINES = 2_000_000
const NAMES = 10_000
const CONNECTIONS = 2
/** Bytes of a packet over Ethernet. */
const PACKET = 1_432
/** Packets in flight: more are dropped by the kernel while the server is busy. Half of them are asked for at a time. */
const AHEAD = 80

/** What the server takes in and answers, with SQLite: client and server share the machine, so that what counts is the server's processor time. */
export const suite: Suite = {
  servers: [],
  async run(report) {
    const folder = mkdtempSync(join(tmpdir(), 'kairos-bench-'))
    try {
      const carbon = carbonLines()
      const metrics = statsdLines()
      await measure(report, 'Carbon', join(folder, 'carbon.db'), carbon, (served) =>
        sendTcp(served.ports.carbon, carbon),
      )
      await measure(report, 'StatsD over TCP', join(folder, 'tcp.db'), metrics, (served) =>
        sendTcp(served.ports.statsd, metrics),
      )
      await measureReads(report, join(folder, 'reads.db'))
      await measure(report, 'StatsD over UDP', join(folder, 'udp.db'), metrics, (served) => sendUdp(served, metrics))
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

async function measure(
  report: Report,
  title: string,
  file: string,
  lines: readonly string[],
  send: (served: Served) => Promise<void>,
): Promise<void> {
  const served = await startServed(`sqlite:${file}`)
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

/** As of servers that report 10,000 metrics every second. */
function carbonLines(): string[] {
  const now = Math.floor(Date.now() / 1_000)
  const first = now - Math.floor(LINES / NAMES)
  return Array.from(
    { length: LINES },
    (_, index) =>
      `servers.web${index % 100}.cpu.core${Math.floor((index % NAMES) / 100)}.idle ${(index % 1_000) / 10} ${first + Math.floor(index / NAMES)}\n`,
  )
}

function statsdLines(): string[] {
  const types = ['c', 'c', 'ms', 'g']
  return Array.from(
    { length: LINES },
    (_, index) =>
      `app.web${index % 100}.requests${Math.floor((index % NAMES) / 100)}:${index % 997}|${types[index % 4]}\n`,
  )
}

async function sendTcp(port: number, lines: readonly string[]): Promise<void> {
  const share = lines.length / CONNECTIONS
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async (_, connection) => {
      const socket = connect(port, '127.0.0.1')
      for (let at = connection * share; at < (connection + 1) * share; at += 1_000) {
        if (!socket.write(lines.slice(at, at + 1_000).join(''))) await once(socket, 'drain')
      }
      socket.end()
      await once(socket.resume(), 'close')
    }),
  )
}

async function sendUdp({ ports, metric }: Served, lines: readonly string[]): Promise<void> {
  const socket = createSocket('udp4')
  let packet = ''
  let sent = 0
  const send = async (): Promise<void> => {
    await new Promise<void>((resolve) => socket.send(packet.slice(0, -1), ports.statsd, '127.0.0.1', () => resolve()))
    packet = ''
    sent++
    if (sent % (AHEAD / 2) === 0) while (sent - (await metric('kairos_packets_total')) > AHEAD / 2) await wait(1)
  }
  for (const line of lines) {
    if (packet.length + line.length > PACKET) await send()
    packet += line
  }
  await send()
  while ((await metric('kairos_packets_total')) < sent) await wait(5)
  socket.close()
}
