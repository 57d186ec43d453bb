import type { Database } from '../connection/session.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { build } from '../dialects/sql-text.ts'

/** Where a namespace's rows are. */
export interface NamespacePlace {
  readonly database: Database
  readonly dialect: Dialect
  /** Qualified and quoted. */
  readonly table: string
  readonly namespace: string
}

/** The streams with at least one event, by seeks in the primary key: `distinct` would read every event. */
export function listStreams(place: NamespacePlace): Promise<readonly string[]> {
  return place.dialect.events.seeksInRecursion ? walkInside(place) : walkOutside(place)
}

/** One statement, with one seek per stream. */
async function walkInside({ database, dialect, table, namespace }: NamespacePlace): Promise<readonly string[]> {
  const query = build(dialect, (bind) => {
    const first = `select min(stream) from ${table} where namespace = ${bind(namespace)}`
    const next = `select min(t.stream) from ${table} t where t.namespace = ${bind(namespace)} and t.stream > s.stream`
    return `with recursive s(stream) as (${first} union all select (${next}) from s where s.stream is not null) select stream from s where stream is not null`
  })
  return (await database.execute(query)).rows.map((row) => dialect.decodeText(row.stream))
}

/** Rows per statement: enough for many short streams, and few to waste at the start of a long one. */
const ROWS = 200

/** MySQL and MariaDB do not seek within a recursion: 200 streams of 500 events took them 2 to 4 seconds. */
async function walkOutside({ database, dialect, table, namespace }: NamespacePlace): Promise<readonly string[]> {
  const streams = new Set<string>()
  for (let last = ''; ; ) {
    const query = build(
      dialect,
      (bind) =>
        `select stream from ${table} force index (primary) where namespace = ${bind(namespace)} and stream > ${bind(last)} order by stream limit ${ROWS}`,
    )
    const { rows } = await database.execute(query)
    for (const row of rows) streams.add(dialect.decodeText(row.stream))
    if (rows.length < ROWS) return [...streams]
    last = dialect.decodeText(rows.at(-1)!.stream)
  }
}
