import type { CheckedConfig } from './config/check-config.ts'
import { answerBy } from './http/answer.ts'
import { routes } from './routes.ts'
import type { Inbound } from './write/inbound.ts'
import { Writer } from './write/writer.ts'

/** One configuration as it is served, until another one takes its place. */
export interface Site extends CheckedConfig {
  readonly writer: Writer
  readonly answer: (request: Request) => Promise<Response>
}

/** Opens the stores of a configuration. */
export async function openSite(checked: CheckedConfig, inbound: Inbound, now: () => number): Promise<Site> {
  const { settings, registry, mapping } = checked
  const { limits, rules, buffer } = settings
  await registry.open()
  const { deadLetters, gauges } = inbound
  const writer = new Writer({ registry, mapping, deadLetters, gauges, maxNameBytes: limits.maxNameBytes, buffer })
  const answer = answerBy(routes, rules, { registry, limits, now, writer, inbound })
  return { ...checked, writer, answer }
}
