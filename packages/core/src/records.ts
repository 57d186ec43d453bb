import type { TimeseriesType } from './contract/cells.ts'
import { isRecord } from './internal/kinds.ts'
import { parseStep, type Step } from './time/step.ts'
import type { ValueType } from './values/value-types.ts'

/** The version of the records in stores. This core cannot interpret those of a later version. */
const VERSION = 1

/** The record of a schema; equal schemas have equal texts. */
export function schemaRecord(type: TimeseriesType, valueType: ValueType | null): string {
  return recordOf(valueType === null ? { type } : { type, valueType })
}

/** The record of an interval. */
export function intervalRecord(step: Step, resolution: Step | null): string {
  return recordOf(resolution === null ? { step } : { step, resolution })
}

function recordOf(fields: Readonly<Record<string, string | number>>): string {
  return JSON.stringify({ version: VERSION, ...fields })
}

/** Whether this core understands all of a recorded schema. */
export function isKnownSchema(record: string): boolean {
  const fields = fieldsOf(record, ['type', 'valueType'])
  return fields !== null && typeof fields.type === 'string' && ['string', 'undefined'].includes(typeof fields.valueType)
}

/** The step of a recorded interval; null if this core does not understand all of the record. */
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
