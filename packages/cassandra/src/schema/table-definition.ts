/** A table to be created. */
export interface TableDefinition {
  readonly keyspace: string
  readonly table: string
  /** Each with its CQL type. */
  readonly columns: readonly string[]
  /** The primary key, in CQL. */
  readonly key: string
  /** CQL's compaction options; undefined: the server's default. */
  readonly compaction?: Readonly<Record<string, string>> | undefined
}
