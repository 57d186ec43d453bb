import type { Records } from './contract/cells.ts'
import { isRecord } from './internal/kinds.ts'
import { VERSION } from './records.ts'
import type { Settings } from './settings.ts'
import { parseStep, type Step } from './time/step.ts'
import { canonicalZone, UTC } from './time/zone-names.ts'
import { dictionary } from './toolkit/dictionary.ts'

/** The current records that differ from the configuration; null: none. */
export function differences(settings: Settings, records: Records): Partial<Records> | null {
  if (records.schema !== settings.record) return records
  const changed = settings.intervals.filter(({ name, record }) => records.intervals[name] !== record)
  return changed.length === 0
    ? null
    : { intervals: dictionary(changed.map(({ name }) => [name, records.intervals[name] ?? ''])) }
}

/** The keys that only the schemas of one type have. */
const OWN_KEYS: Readonly<Record<string, string>> = { accuracy: 'distribution', precision: 'unique' }

/** Whether this core understands all of a recorded schema. */
export function isKnownSchema(record: string): boolean {
  const fields = fieldsOf(record, ['type', 'valueType', ...Object.keys(OWN_KEYS)])
  if (fields === null || typeof fields.type !== 'string') return false
  const areOwn = Object.entries(OWN_KEYS).every(([key, type]) =>
    fields.type === type ? typeof fields[key] === 'number' : fields[key] === undefined,
  )
  return areOwn && ['string', 'undefined'].includes(typeof fields.valueType)
}

/** A recorded interval. */
export interface RecordedInterval {
  readonly step: Step
  readonly resolution: Step | null
  readonly zone: string
  readonly offset: number
}

/** Null if this core does not understand all of the record, or this engine does not know its zone. */
export function recordedInterval(record: string): RecordedInterval | null {
  const fields = fieldsOf(record, ['step', 'resolution', 'zone', 'offset'])
  if (fields === null) return null
  const { zone = UTC, offset = 0 } = fields
  const step = parseStep(fields.step)
  const resolution = fields.resolution === undefined ? null : parseStep(fields.resolution)
  if (step === null || (resolution === null && fields.resolution !== undefined)) return null
  if (typeof zone !== 'string' || canonicalZone(zone) !== zone) return null
  return typeof offset === 'number' ? { step, resolution, zone, offset } : null
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
