import type { ServerSettings } from '../config/server-settings.ts'
import type { Site } from '../site.ts'
import type { Inbound } from '../write/inbound.ts'
import type { Target } from './line-intake.ts'
import type { Listener } from './listener.ts'
import { type Port, type PortName, portsOf } from './ports.ts'

interface OpenPort extends Port {
  readonly listener: Listener
}

/** For those that a change ends, in milliseconds. */
const GRACE = 10_000

/** The ports that are listened to, beside that of HTTP. */
export class OpenPorts {
  readonly #inbound: Inbound
  readonly #target: Target
  #open: readonly OpenPort[] = []

  constructor(inbound: Inbound, site: () => Pick<Site, 'writer' | 'settings'>) {
    this.#inbound = inbound
    this.#target = {
      deadLetters: inbound.deadLetters,
      get writer() {
        return site().writer
      },
      get limits() {
        return site().settings.limits
      },
    }
  }

  get numbers(): Partial<Record<PortName, number>> {
    return Object.fromEntries(this.#open.map(({ name, listener }) => [name, listener.port]))
  }

  /** Listens to the ports of a configuration, and no longer to others. If one of them cannot be listened to, all stays as it is. */
  async change(settings: ServerSettings): Promise<void> {
    const wanted = portsOf(settings, this.#inbound.stats, this.#target)
    const kept = this.#open.filter(({ key }) => wanted.some((port) => port.key === key))
    const started: OpenPort[] = []
    try {
      for (const port of wanted) {
        if (kept.every(({ key }) => key !== port.key)) started.push({ ...port, listener: await port.start() })
      }
    } catch (error) {
      await Promise.all(started.map(({ listener }) => listener.stop(0)))
      throw error
    }
    const ended = this.#open.filter((port) => !kept.includes(port))
    this.#open = [...kept, ...started]
    const { pickle: _, ...udpPorts } = this.numbers
    this.#inbound.udpPorts = udpPorts
    await Promise.all(ended.map(({ listener }) => listener.stop(GRACE)))
  }

  async stop(grace: number): Promise<void> {
    await Promise.all(this.#open.map(({ listener }) => listener.stop(grace)))
  }
}
