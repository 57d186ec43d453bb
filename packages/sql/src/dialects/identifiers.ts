/** The table that tells what the others hold; names that begin like it are Kairos's own. */
export const RECORDS = 'kairos_schema'
/** The table of ids of batches that are to be stored once. */
export const RECEIPTS: string = `${RECORDS}_once`

/** Bytes: PostgreSQL cuts longer names, so that two tables would become one. */
const MOST_BYTES = 63

/** What a name of a table or schema must be; `wanted` ends the sentence "tableName must be …". */
export interface IdentifierRule {
  readonly wanted: string
  fits(identifier: string): boolean
}

/** On every database, so that a name can move with its data. */
const everywhere: readonly IdentifierRule[] = [
  {
    wanted: 'a text of well-formed Unicode, not empty, without U+0000',
    fits: (identifier) => identifier !== '' && identifier.isWellFormed() && !identifier.includes('\0'),
  },
  {
    wanted: `at most ${MOST_BYTES} bytes of UTF-8 long`,
    fits: (identifier) => Buffer.byteLength(identifier) <= MOST_BYTES,
  },
  {
    // SQLite compares names without case.
    wanted: `a name that does not begin with ${RECORDS}, as Kairos's own do`,
    fits: (identifier) => !identifier.toLowerCase().startsWith(RECORDS),
  },
]

/** The rule that a name breaks: what is wanted instead. */
export function brokenRule(identifier: unknown, rules: readonly IdentifierRule[]): string | undefined {
  if (typeof identifier !== 'string') return 'a string'
  return [...everywhere, ...rules].find(({ fits }) => !fits(identifier))?.wanted
}
