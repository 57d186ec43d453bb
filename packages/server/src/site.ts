import type { CheckedConfig } from './check-config.ts'
import { answerBy } from './http/answer.ts'
import { withBearer } from './http/credentials.ts'
import type { EventStreams } from './kronos/event-streams.ts'
import { routes } from './routes.ts'
import type { Inbound } from './write/inbound.ts'
import { Writer } from './write/writer.ts'

/** One configuration as it is served, until another one takes its place. */
export interface Site extends CheckedConfig {
  readonly writer: Writer
  readonly events: EventStreams | undefined
  readonly answer: (request: Request) => Promise<Response>
}

/** Opens the stores of a configuration. */
export async function openSite(
  checked: CheckedConfig,
  inbound: Inbound,
  now: () => number,
  previous?: Site,
): Promise<Site> {
  const { settings, registry, mapping, reads } = checked
  const { limits, rules, mode, buffer } = settings
  await registry.open()
  const events = await eventsOf(checked, previous)
  const { deadLetters, gauges } = inbound
  const writer = new Writer({ registry, mapping, deadLetters, gauges, maxNameBytes: limits.maxNameBytes, buffer })
  await writer.open()
  const ask = answerBy(routes, { rules, mode }, { registry, reads, limits, now, writer, inbound, events })
  const kronos = events?.handler(rules, limits)
  const answer = (request: Request): Promise<Response> =>
    kronos !== undefined && new URL(request.url).pathname.startsWith('/1.0/')
      ? kronos(withBearer(request))
      : ask(request)
  return { ...checked, writer, events, answer }
}

/** The streams, whose code is loaded where they are wanted. */
async function eventsOf({ settings }: CheckedConfig, previous: Site | undefined): Promise<EventStreams | undefined> {
  if (settings.kronos === undefined) return undefined
  const { openEventStreams } = await import('./kronos/event-streams.ts')
  return openEventStreams(settings.kronos, previous?.events)
}
