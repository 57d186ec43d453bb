import type { Session } from '../connection/session.ts'
import { build } from '../dialects/sql-text.ts'
import type { Table } from '../dialects/table.ts'
import type { Place } from './place.ts'
import { removeRecord } from './records.ts'

/** Deletes an interval's cells, then its record: until that is there again, no process can open the interval. */
export async function removeInterval(
  session: Session,
  place: Place,
  { name }: Pick<Table, 'name'>,
  interval: string,
): Promise<void> {
  const { dialect } = place
  const encoded = dialect.codec.encode(interval)
  await session.execute(
    build(dialect, (bind) => `delete from ${name} where ${dialect.quote('interval')} = ${bind(encoded)}`),
  )
  await removeRecord(session, place, interval)
}
