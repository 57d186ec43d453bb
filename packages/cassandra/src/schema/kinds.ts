import type { Recorded, RecordKey } from './records.ts'

/** The key of the schema's record. */
export const SCHEMA: RecordKey = { kind: 'schema', key: '' }

/** The records of the intervals. They are recorded for each generation of the schema: after it was replaced or dropped there are none. */
export function kindOf({ generation }: Pick<Recorded, 'generation'>): string {
  return `intervals ${generation}`
}

/** The facts of the intervals. */
export function factsKindOf({ generation }: Pick<Recorded, 'generation'>): string {
  return `facts ${generation}`
}

/** The facts of a generation of the schema. */
export function schemaFactsOf(generation: number): RecordKey {
  return { kind: 'facts of schema', key: String(generation) }
}

/** The table of a generation of the schema: with a name it depends on the valueType, which only core can tell from the record. */
export function tableOf(generation: number): RecordKey {
  return { kind: 'table', key: String(generation) }
}
