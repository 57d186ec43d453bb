/** The table of records, which describe the other tables. Names that begin with its name are reserved. */
export const RECORDS = 'kairos_schema'
/** The table of ids of batches that must be stored only once. */
export const RECEIPTS: string = `${RECORDS}_once`

/** The savepoint of a call in the caller's transaction. */
export const SAVEPOINT = 'kairos_call'

/** In bytes. PostgreSQL truncates longer names, so that two tables would become one. */
export const MOST_BYTES = 63

/** A rule for names of tables or schemas; `expected` completes "tableName must be …". */
export interface IdentifierRule {
  readonly expected: string
  fits(identifier: string): boolean
}

/** For every database, so that data can move with their table's name. */
const everywhere: readonly IdentifierRule[] = [
  {
    expected: 'well-formed Unicode, not empty, without U+0000',
    fits: (identifier) => identifier !== '' && identifier.isWellFormed() && !identifier.includes('\0'),
  },
  {
    expected: `at most ${MOST_BYTES} bytes of UTF-8`,
    fits: (identifier) => Buffer.byteLength(identifier) <= MOST_BYTES,
  },
  {
    // SQLite ignores case in names.
    expected: `a name that does not begin with ${RECORDS}, which is reserved for Kairos`,
    fits: (identifier) => !identifier.toLowerCase().startsWith(RECORDS),
  },
]

/** What is expected by the first rule that a name breaks; undefined if it breaks none. */
export function brokenRule(identifier: unknown, rules: readonly IdentifierRule[]): string | undefined {
  if (typeof identifier !== 'string') return 'a string'
  return [...everywhere, ...rules].find(({ fits }) => !fits(identifier))?.expected
}
