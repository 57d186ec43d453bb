/** A column of rows. */
export interface Column {
  readonly key: string
  /** `time`: Unix seconds, written as ISO 8601 in the zone asked for. */
  readonly kind?: 'time'
  /** Left out of a table, which is for people. */
  readonly machine?: true
  /** Of a table: left out where no row has it. */
  readonly sparse?: true
}
export type Row = Readonly<Record<string, unknown>>
