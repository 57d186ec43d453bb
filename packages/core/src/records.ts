import type { TimeseriesType } from './contract/cells.ts'
import { isRecord } from './internal/kinds.ts'
import { parseStep, type Step } from './time/step.ts'
import type { ValueType } from './values/value-types.ts'

/** Of the texts that stores keep. What a later version means by its records, this one cannot tell. */
const VERSION = 1

/** What stores keep of a schema; the same one gives the same text, whatever wrote the configuration. */
export function schemaRecord(type: TimeseriesType, valueType: ValueType | null): string {
  return recordOf(valueType === null ? { type } : { type, valueType })
}

/** What stores keep of an interval. */
export function intervalRecord(step: Step, resolution: Step | null): string {
  return recordOf(resolution === null ? { step } : { step, resolution })
}

function recordOf(fields: Readonly<Record<string, string | number>>): string {
  return JSON.stringify({ version: VERSION, ...fields })
}

/** Whether this core knows all that a recorded schema says. */
export function isKnownSchema(record: string): boolean {
  const fields = fieldsOf(record, ['type', 'valueType'])
  return fields !== null && typeof fields.type === 'string' && ['string', 'undefined'].includes(typeof fields.valueType)
}

/** The step of a recorded interval; null for a text of which this core does not know all that it says. */
export function recordedStep(record: string): Step | null {
  const fields = fieldsOf(record, ['step', 'resolution'])
  if (fields === null || (fields.resolution !== undefined && parseStep(fields.resolution) === null)) return null
  return parseStep(fields.step)
}

function fieldsOf(record: string, known: readonly string[]): Readonly<Record<string, unknown>> | null {
  const fields = parsed(record)
  if (!isRecord(fields) || fields.version !== VERSION) return null
  return Object.keys(fields).every((key) => key === 'version' || known.includes(key)) ? fields : null
}

function parsed(record: string): unknown {
  try {
    return JSON.parse(record)
  } catch {
    return null
  }
}
