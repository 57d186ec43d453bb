import { kernelDrops } from '../listen/kernel-drops.ts'
import type { Inbound } from '../write/inbound.ts'
import type { IntakeStats } from '../write/intake-stats.ts'
import { REASONS, type Reason } from '../write/reasons.ts'
import type { Writer } from '../write/writer.ts'
import type { Metric } from './exposition.ts'

const OF_LISTENERS: readonly (readonly [stat: keyof IntakeStats, name: string, type: Metric['type'], help: string])[] =
  [
    ['accepted', 'values_accepted_total', 'counter', 'Values that were taken.'],
    ['rejected', 'values_rejected_total', 'counter', 'What was refused and is a dead letter.'],
    ['bytes', 'received_bytes_total', 'counter', 'Bytes that came.'],
    ['packets', 'packets_total', 'counter', 'UDP packets that came.'],
    ['connections', 'connections', 'gauge', 'TCP connections that are open.'],
    ['opened', 'connections_total', 'counter', 'TCP connections so far.'],
    ['refused', 'connections_refused_total', 'counter', 'TCP connections closed at once, as there were too many.'],
    ['idle', 'connections_idle_total', 'counter', 'TCP connections closed as nothing came.'],
    ['pauses', 'pauses_total', 'counter', 'How often a TCP connection waited for the buffers.'],
  ]

const OF_BUFFERS = [
  ['pending', 'buffer_pending', 'gauge', 'Values that wait or are on their way.'],
  ['stored', 'buffer_stored_total', 'counter', '(value, bucket) pairs stored since the configuration was read.'],
  ['expired', 'buffer_expired_total', 'counter', 'Pairs whose buckets had expired.'],
  ['failed', 'buffer_failed_total', 'counter', 'Pairs that were refused by the store.'],
  ['inDoubt', 'buffer_in_doubt_total', 'counter', 'Pairs that may have been stored.'],
] as const

/** What the server says of itself. Numbers of all configurations so far, but those of buffers. */
export async function ownMetrics({ stats, deadLetters, udpPorts }: Inbound, writer: Writer): Promise<Metric[]> {
  const listeners = Object.entries(stats)
  const buffers = writer.sinks.map((sink) => [sink.intake.timeseries, sink.stats()] as const)
  const drops: [Record<string, string>, number][] = []
  for (const [listener, port] of Object.entries(udpPorts)) {
    const dropped = await kernelDrops(port)
    if (dropped !== undefined) drops.push([{ listener }, dropped])
  }
  const { rss, heapUsed } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  return [
    ...OF_LISTENERS.map(([stat, name, type, help]) => ({
      name: `kairos_${name}`,
      type,
      help,
      samples: listeners.map(([listener, own]) => [{ listener }, own[stat]] as const),
    })),
    {
      name: 'kairos_dead_letters_total',
      type: 'counter',
      help: 'What was sent and is not stored.',
      samples: (Object.keys(REASONS) as Reason[]).map((reason) => [{ reason }, deadLetters.count(reason)] as const),
    },
    { name: 'kairos_udp_dropped_total', type: 'counter', help: 'Packets that the kernel dropped.', samples: drops },
    ...OF_BUFFERS.map(([stat, name, type, help]) => ({
      name: `kairos_${name}`,
      type,
      help,
      samples: buffers.map(([timeseries, own]) => [{ timeseries }, own[stat]] as const),
    })),
    plain('process_cpu_seconds_total', 'counter', 'Processor time.', (user + system) / 1e6),
    plain('process_resident_memory_bytes', 'gauge', 'Memory of the process.', rss),
    plain('nodejs_heap_size_used_bytes', 'gauge', 'Memory in use by JavaScript.', heapUsed),
    plain(
      'process_start_time_seconds',
      'gauge',
      'When the process began.',
      Math.round(Date.now() / 1_000 - process.uptime()),
    ),
  ]
}

function plain(name: string, type: Metric['type'], help: string, value: number): Metric {
  return { name, type, help, samples: [[{}, value]] }
}
