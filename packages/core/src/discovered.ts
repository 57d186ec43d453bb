import type { Discovered, DiscoveredInterval } from './api/discovered.ts'
import { callStore } from './calls/retry.ts'
import type { FoundPlace } from './contract/cells.ts'
import { connectionOf } from './drivers/connection.ts'
import { KairosError } from './errors.ts'
import { isRecord } from './internal/kinds.ts'
import { compareCodeUnits } from './internal/order.ts'
import { planOf } from './pipeline/call-plan.ts'
import { VERSION } from './records.ts'
import { dictionary } from './toolkit/dictionary.ts'

/** What is found at a driver, or at the place of a URL, to which the connection is closed afterwards. */
export async function discoverAt(store: unknown, options: unknown): Promise<Discovered[]> {
  const connection = connectionOf(store, undefined)
  try {
    const { callOptions, patience } = planOf(options, [])
    const driver = await connection.driver()
    const { id } = driver
    if (driver.discover === undefined) {
      throw new KairosError('KAIROS_UNSUPPORTED', `discover is not supported by the ${id} store`, {
        driver: id,
        feature: 'discover',
      })
    }
    const step = { driver: id, operation: 'discover', signal: callOptions.signal, patience }
    const places = await callStore(() => driver.discover!(callOptions), step)
    return places.map(discoveredOf).sort(inOrder)
  } finally {
    await connection.close()
  }
}

function discoveredOf({ name, records, facts }: FoundPlace): Discovered {
  const schema = known(records.schema, ['type', 'valueType', 'accuracy', 'precision'])
  const { program, made } = parsed(facts.schema)
  return {
    name,
    type: textOf(schema?.type),
    valueType: textOf(schema?.valueType),
    accuracy: numberOf(schema?.accuracy),
    precision: numberOf(schema?.precision),
    program: textOf(program),
    made: typeof made === 'string' && !Number.isNaN(Date.parse(made)) ? new Date(made) : undefined,
    intervals: dictionary(
      Object.entries(records.intervals).map(([interval, record]) => [
        interval,
        intervalOf(record, facts.intervals[interval]),
      ]),
    ),
    ...(schema === null && { unknown: records.schema }),
  }
}

function intervalOf(record: string, facts: string | undefined): DiscoveredInterval {
  const fields = known(record, ['step', 'resolution', 'zone', 'offset'])
  const { steps } = parsed(facts)
  return {
    step: stepOf(fields?.step),
    resolution: stepOf(fields?.resolution),
    zone: textOf(fields?.zone),
    offset: numberOf(fields?.offset),
    steps: typeof steps === 'number' || steps === null ? steps : undefined,
    ...(fields === null && { unknown: record }),
  }
}

/** The fields of a record of this version; null: it is not one, or has others. */
function known(record: string, keys: readonly string[]): Readonly<Record<string, unknown>> | null {
  const fields = parsed(record)
  const isKnown = Object.keys(fields).every((key) => key === 'version' || keys.includes(key))
  return fields.version === VERSION && isKnown ? fields : null
}

function parsed(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const fields: unknown = JSON.parse(text ?? '')
    return isRecord(fields) ? fields : {}
  } catch {
    return {}
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function stepOf(value: unknown): number | string | undefined {
  return numberOf(value) ?? textOf(value)
}

/** By name, those without one first; then by type. */
function inOrder(one: Discovered, other: Discovered): number {
  return compareCodeUnits(one.name ?? '', other.name ?? '') || compareCodeUnits(one.type ?? '', other.type ?? '')
}
