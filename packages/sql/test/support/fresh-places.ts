import { join } from 'node:path'
import { freshDatabase } from './places.ts'
import { servers } from './servers.ts'

/** A database of one kind, of which each call of `fresh` makes an empty one. */
export interface FreshPlace {
  readonly name: string
  /** Its server is missing. */
  readonly skipped: boolean
  fresh(): Promise<{ url: string; drop(): Promise<void> }>
}

/** SQLite, whose files are made in `folder`, and then each server. `purpose` becomes part of their names. */
export function freshPlaces(folder: string, purpose: string): readonly FreshPlace[] {
  let files = 0
  return [
    {
      name: 'SQLite',
      skipped: false,
      fresh: async () => ({ url: `sqlite:${join(folder, `${purpose}-${files++}.db`)}`, drop: async () => {} }),
    },
    ...servers.map(({ name, url }) => ({
      name,
      skipped: url === undefined,
      fresh: () => freshDatabase(url!, purpose),
    })),
  ]
}
