import { KairosError } from '@kairos/core'
import type { TimeseriesType } from '@kairos/core/driver'

/** The version of the layout of tables. Later versions of the driver read this one, or say that the tables must be moved. */
const LAYOUT = 1

/** What is recorded about a table: enough to create it again. */
export interface Recorded {
  /** The timeseries' name; absent if it has none. */
  readonly name?: string
  readonly type: TimeseriesType
  readonly valueType: string
  readonly stringLength: number
  /** Core's own record, as text. */
  readonly record: string
}

/** The text of a table's own record. */
export function toDocument({ name, type, valueType, stringLength, record }: Recorded): string {
  return JSON.stringify({ layout: LAYOUT, name, type, valueType, stringLength, record })
}

/**
 * Parses the text of a table's own record.
 * @throws KAIROS_CONFIG_CHANGED if this version does not know its layout
 */
export function fromDocument(document: string, tableName: string): Recorded {
  let parsed: Partial<Recorded> & { readonly layout?: unknown } = {}
  try {
    parsed = JSON.parse(document) as typeof parsed
  } catch {
    // Reported below: what is not JSON does not have a layout either.
  }
  if (parsed.layout === LAYOUT) return parsed as Recorded
  throw new KairosError(
    'KAIROS_CONFIG_CHANGED',
    `the record of the table ${tableName} must have the layout ${LAYOUT}, not ${document}; use the version of @kairos/sql that created it, or another tableName`,
    { driver: 'sql', recorded: document, configured: { layout: LAYOUT } },
  )
}
