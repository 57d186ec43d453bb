import { afterEach } from 'vitest'
import { checkConfig } from '../src/check-config.ts'
import type { ServerConfig } from '../src/index.ts'
import { OpenPorts } from '../src/listen/open-ports.ts'
import type { PortName } from '../src/listen/ports.ts'
import { openSite } from '../src/site.ts'
import { Gauges } from '../src/write/gauges.ts'
import { Inbound } from '../src/write/inbound.ts'
import type { Reason } from '../src/write/reasons.ts'
import { Writer } from '../src/write/writer.ts'

/** All of a server that takes values in, with what it has stored. */
export interface Listening {
  readonly ports: Readonly<Partial<Record<PortName, number>>>
  readonly inbound: Inbound
  answer(request: Request): Promise<Response>
  /** Resolves when this many values have been taken, or refused, and are stored. */
  taken(count: number): Promise<void>
  /** Continues as another process would, which remembers nothing. */
  forget(): Promise<void>
  /** The data of the newest bucket of a name. */
  newest(timeseries: string, name: string): Promise<unknown>
  names(timeseries: string): Promise<string[]>
  /** The texts of the dead letters of a reason. */
  dead(reason: Reason): string[]
}

/** Starts listeners without HTTP, which are stopped after the test. */
export function listeners(): (config: ServerConfig) => Promise<Listening> {
  const running: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const stop of running.splice(0)) await stop()
  })
  return async (config) => {
    const now = (): number => Date.now() / 1_000
    const inbound = new Inbound(now)
    const site = await openSite(checkConfig(config), inbound, now)
    let { writer } = site
    const ports = new OpenPorts(inbound, () => ({ writer, settings: site.settings }))
    await ports.change(site.settings)
    running.push(async () => {
      await ports.stop(100)
      await writer.close()
      await site.registry.close(0)
      await site.events?.close(0)
    })
    const handled = (): number =>
      Object.values(inbound.stats).reduce((sum, { accepted, rejected }) => sum + accepted + rejected, 0)
    const timeseries = (name: string) => site.registry.served.get(name)!.timeseries
    return {
      ports: ports.numbers,
      inbound,
      answer: site.answer,
      async taken(count) {
        while (handled() < count) await new Promise((resolve) => setImmediate(resolve))
        await writer.flush()
      },
      async forget() {
        await writer.close()
        const { registry, mapping, settings } = site
        const { buffer, limits } = settings
        const { deadLetters } = inbound
        const { maxNameBytes } = limits
        writer = new Writer({ registry, mapping, deadLetters, gauges: new Gauges(), maxNameBytes, buffer })
      },
      async newest(name, series) {
        const extents = await timeseries(name).properties(series)
        const [[interval, extent] = []] = Object.entries(extents)
        if (interval === undefined || extent === undefined) return undefined
        const data = await timeseries(name).get(series, interval as never, { timestamp: extent.last } as never)
        return [...(data as ReadonlyMap<number, unknown>).values()][0]
      },
      names: (name) => timeseries(name).list(),
      dead: (reason) => inbound.deadLetters.list(reason).map(({ text }) => text),
    }
  }
}
