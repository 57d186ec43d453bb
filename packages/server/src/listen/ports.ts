import { HeldPickles, PickleStream } from '../carbon/pickle-stream.ts'
import { takePlaintext } from '../carbon/plaintext.ts'
import { usualPlaintext } from '../carbon/usual-plaintext.ts'
import type { PortSettings } from '../config/port-settings.ts'
import type { ServerSettings } from '../config/server-settings.ts'
import { takeMetric } from '../statsd/take-metric.ts'
import { usualMetrics } from '../statsd/usual-metrics.ts'
import type { IntakeStats } from '../write/intake-stats.ts'
import { type LineForm, lineIntake, type Target } from './line-intake.ts'
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

interface ListenedPort extends PortSettings {
  readonly name: PortName
  readonly stats: IntakeStats
  readonly target: Target
}

/** The ports of a configuration. */
export function portsOf(
  { carbon, pickle, statsd, mode }: ServerSettings,
  stats: Readonly<Record<PortName, IntakeStats>>,
  target: Target,
): Port[] {
  if (mode === 'readonly') return []
  const portOf = (
    name: PortName,
    settings: PortSettings | undefined,
    listen: (port: ListenedPort) => Promise<Listener>,
  ): Port[] =>
    settings === undefined
      ? []
      : [
          {
            name,
            key: JSON.stringify([name, settings]),
            start: () => listen({ ...settings, name, stats: stats[name], target }),
          },
        ]
  return [
    ...portOf('carbon', carbon, (port) => listenForLines(port, { take: takePlaintext, usual: usualPlaintext })),
    ...portOf('pickle', pickle, listenForPickles),
    ...portOf('statsd', statsd, (port) => listenForLines(port, { take: takeMetric, usual: usualMetrics })),
  ]
}

function listenForPickles(port: ListenedPort): Promise<Listener> {
  const held = new HeldPickles()
  return listenTcp({ ...port, open: (source, close) => new PickleStream(port.target, source, held, close) })
}

/** How often another free port is tried, as one over TCP may not be free over UDP. */
const TRIES = 10

/** Over TCP and UDP, at one port. */
async function listenForLines(port: ListenedPort, form: LineForm, tries = TRIES): Promise<Listener> {
  const { target } = port
  const tcp = await listenTcp({
    ...port,
    open: (source) => new LineStream(lineIntake(form, target, source), target.limits.maxLineBytes),
  })
  try {
    const udp = await listenUdp({
      ...port,
      port: tcp.port,
      open(source) {
        const taker = lineIntake(form, target, source)
        return (packet) => linesIn(packet, taker, target.limits.maxLineBytes)
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
    return listenForLines(port, form, tries - 1)
  }
}
