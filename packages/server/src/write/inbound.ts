import type { SharedWork } from '../graphite/budget.ts'
import type { PortName } from '../listen/ports.ts'
import { DeadLetters } from './dead-letters.ts'
import { Gauges } from './gauges.ts'
import { IntakeStats } from './intake-stats.ts'

/** What is known of what came in, and of what is being answered; it remains when the configuration changes. */
export class Inbound {
  readonly gauges: Gauges = new Gauges()
  readonly deadLetters: DeadLetters
  /** Of functions of Graphite. */
  readonly work: SharedWork = { numbers: 0 }
  /** Ports over UDP. */
  udpPorts: Readonly<Partial<Record<PortName, number>>> = {}
  readonly stats: Readonly<Record<PortName | 'http', IntakeStats>> = {
    carbon: new IntakeStats(),
    pickle: new IntakeStats(),
    statsd: new IntakeStats(),
    http: new IntakeStats(),
  }

  constructor(now: () => number) {
    this.deadLetters = new DeadLetters(now)
  }
}
