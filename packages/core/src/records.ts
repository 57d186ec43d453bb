import type { TimeseriesType } from './contract/cells.ts'
import type { Step } from './time/step.ts'
import type { SketchSettings } from './types/index.ts'
import type { ValueType } from './values/value-types.ts'

/** The version of the records in stores. This core cannot interpret those of a later version. */
export const VERSION = 1

/** The record of a schema; equal schemas have equal texts. */
export function schemaRecord({ type, valueType, accuracy, precision }: RecordedSchema): string {
  return recordOf({
    type,
    ...(valueType !== null && { valueType }),
    ...(accuracy !== null && { accuracy }),
    ...(precision !== null && { precision }),
  })
}

interface RecordedSchema extends SketchSettings {
  readonly type: TimeseriesType
  readonly valueType: ValueType | null
}

/** The record of an interval. */
export function intervalRecord({
  step,
  resolution,
  zone,
  offset,
}: {
  readonly step: Step
  readonly resolution: Step | null
  readonly zone: string
  readonly offset: number
}): string {
  return recordOf({
    step,
    ...(resolution !== null && { resolution }),
    ...(zone !== 'UTC' && { zone }),
    ...(offset !== 0 && { offset }),
  })
}

function recordOf(fields: Readonly<Record<string, string | number>>): string {
  return JSON.stringify({ version: VERSION, ...fields })
}
