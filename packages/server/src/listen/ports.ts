import { PickleStream } from '../carbon/pickle-stream.ts'
import { takePlaintext } from '../carbon/plaintext.ts'
import type { PortSettings } from '../config/port-settings.ts'
import type { ServerSettings } from '../config/server-settings.ts'
import { takeMetric } from '../statsd/take-metric.ts'
import type { IntakeStats } from '../write/intake-stats.ts'
import { lineIntake, type TakeLine, type Target } from './line-intake.ts'
import { LineStream, linesIn } from './line-stream.ts'
import { listenTcp } from './listen-tcp.ts'
import { listenUdp } from './listen-udp.ts'
import type { Listener } from './listener.ts'

/** What may be listened for, beside HTTP. */
export type PortName = 'carbon' | 'pickle' | 'statsd'

/** A port that is to be listened to. */
export interface Port {
  readonly name: PortName
  /** Ports with one key are the same. */
  readonly key: string
  start(): Promise<Listener>
}

/** The ports of a configuration. */
export function portsOf(
  { carbon, pickle, statsd, limits, mode }: ServerSettings,
  stats: Readonly<Record<PortName, IntakeStats>>,
  target: Target,
): Port[] {
  if (mode === 'readonly') return []
  const lines = (name: PortName, port: PortSettings | undefined, takeLine: TakeLine): Port[] =>
    port === undefined
      ? []
      : [
          {
            name,
            key: JSON.stringify([name, port, limits]),
            start: () => listenForLines({ name, ...port, limits, stats: stats[name], target }, takeLine),
          },
        ]
  return [
    ...lines('carbon', carbon, takePlaintext),
    ...(pickle === undefined ? [] : [picklePort({ ...pickle, name: 'pickle', limits, stats: stats.pickle, target })]),
    ...lines('statsd', statsd, takeMetric),
  ]
}

function picklePort({ name, host, port, limits, stats, target }: ListenedPort): Port {
  const { maxPickleBytes, maxBufferedBytes } = limits
  const together = { bytes: 0, most: maxBufferedBytes }
  return {
    name,
    key: JSON.stringify([name, { host, port }, limits]),
    start: () =>
      listenTcp({
        name,
        host,
        port,
        limits,
        stats,
        target,
        open: (source) => new PickleStream(target, source, maxPickleBytes, together),
      }),
  }
}

interface ListenedPort extends PortSettings {
  readonly name: PortName
  readonly limits: ServerSettings['limits']
  readonly stats: IntakeStats
  readonly target: Target
}

/** How often another free port is tried, as one over TCP may not be free over UDP. */
const TRIES = 10

/** Over TCP and UDP, at one port. */
async function listenForLines(port: ListenedPort, takeLine: TakeLine, tries = TRIES): Promise<Listener> {
  const { maxLineBytes } = port.limits
  const tcp = await listenTcp({
    ...port,
    open: (source) => new LineStream(lineIntake(takeLine, port.target, source), maxLineBytes),
  })
  try {
    const udp = await listenUdp({
      ...port,
      port: tcp.port,
      open(source) {
        const taker = lineIntake(takeLine, port.target, source)
        return (packet) => linesIn(packet, taker, maxLineBytes)
      },
    })
    return {
      port: tcp.port,
      async stop(grace) {
        await Promise.all([tcp.stop(grace), udp.stop(grace)])
      },
    }
  } catch (error) {
    await tcp.stop(0)
    if (port.port !== 0 || tries === 1) throw error
    return listenForLines(port, takeLine, tries - 1)
  }
}
