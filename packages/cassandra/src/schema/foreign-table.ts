import { KairosError } from '@kairos/core'
import type { TableDefinition } from './table-definition.ts'

/** A column as the server describes it. */
export interface Column {
  readonly name: string
  /** In CQL. */
  readonly type: string
  /** `partition_key`, `clustering`, `regular` or `static`. */
  readonly kind: string
  /** Of a key column: its place in its part of the key. */
  readonly position: number
  /** `asc` or `desc` of a clustering column, else `none`. */
  readonly order: string
}

/** The columns of a definition, as the server describes them once it is created. */
function columnsDefined({ columns, key }: TableDefinition): Column[] {
  const [, partition = '', clustering = ''] = /^\((.*?)\)(?:, (.*))?$/.exec(key)!
  const [hashed, sorted] = [partition.split(', '), clustering.split(', ')]
  return columns.map((column) => {
    const [name = '', type = ''] = column.split(' ')
    if (hashed.includes(name))
      return { name, type, kind: 'partition_key', position: hashed.indexOf(name), order: 'none' }
    if (sorted.includes(name)) return { name, type, kind: 'clustering', position: sorted.indexOf(name), order: 'asc' }
    return { name, type, kind: 'regular', position: -1, order: 'none' }
  })
}

/**
 * Values are sent as bytes of the types that a definition has: in a column of another type they would be stored as other values, and in a table with
 * another key they would overwrite each other. More columns do no harm, except in the key.
 * @throws KAIROS_INVALID_CONFIG if the table was not created by Kairos, or was altered
 */
export function refuseForeign(definition: TableDefinition, found: readonly Column[]): void {
  const { keyspace, table } = definition
  const own = columnsDefined(definition)
  const lacking = own.filter(({ name }) => !found.some((column) => column.name === name)).map(({ name }) => name)
  const wrong = found.filter((column) => !isAsDefined(own, column)).map(spelled)
  if (lacking.length === 0 && wrong.length === 0) return
  const reasons = [
    ...(lacking.length === 0 ? [] : [`it has no column ${lacking.join(', ')}`]),
    ...(wrong.length === 0 ? [] : [`its columns are others: ${wrong.join(', ')}`]),
  ]
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    `table "${keyspace}"."${table}" was not created by Kairos: ${reasons.join('; ')}; choose another keyspace or tableName`,
    { path: 'tableName', driver: 'cassandra' },
  )
}

const KEYS: readonly string[] = ['partition_key', 'clustering']

function isAsDefined(own: readonly Column[], column: Column): boolean {
  const same = own.find(({ name }) => name === column.name)
  return same === undefined ? !KEYS.includes(column.kind) : spelled(same) === spelled(column)
}

function spelled({ name, type, kind, position, order }: Column): string {
  const place = {
    partition_key: ` (partition key ${position})`,
    clustering: ` (key ${position}, ${order})`,
    static: ' static',
  }
  return `${name} ${type}${place[kind as keyof typeof place] ?? ''}`
}
