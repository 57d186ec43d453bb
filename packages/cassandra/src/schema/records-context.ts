import type { ServerClock } from '../connection/server-clock.ts'
import type { CassandraSettings } from '../options.ts'
import type { Directory } from './directory.ts'
import type { Place } from './place.ts'
import type { Records } from './records.ts'

/** What changing the records of a place needs. */
export interface RecordsContext {
  readonly shared: { readonly clock: ServerClock }
  readonly records: Records
  readonly directory: Directory
  readonly settings: CassandraSettings
  readonly place: Place
}
