import { KairosError } from '@kairos/core'
import type { TimeseriesType } from '@kairos/core/driver'

/** The version of the layout of tables. A later one reads the tables of this one, or says that they must be moved. */
const LAYOUT = 1

/** What is recorded of a table: enough to make it again. */
export interface Recorded {
  readonly type: TimeseriesType
  readonly valueType: string
  readonly stringLength: number
  /** Core's own text. */
  readonly record: string
}

export function toDocument({ type, valueType, stringLength, record }: Recorded): string {
  return JSON.stringify({ layout: LAYOUT, type, valueType, stringLength, record })
}

/** @throws KAIROS_CONFIG_CHANGED for a document that this version does not understand */
export function fromDocument(document: string, tableName: string): Recorded {
  let parsed: Partial<Recorded> & { readonly layout?: unknown } = {}
  try {
    parsed = JSON.parse(document) as typeof parsed
  } catch {
    // Said below: a text that is no JSON has no layout either.
  }
  if (parsed.layout === LAYOUT) return parsed as Recorded
  throw new KairosError(
    'KAIROS_CONFIG_CHANGED',
    `the table ${tableName} has a layout that this version of @kairos/sql does not know: ${document}`,
    { driver: 'sql', recorded: document, configured: { layout: LAYOUT } },
  )
}
