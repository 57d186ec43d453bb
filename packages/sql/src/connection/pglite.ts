import { resolve } from 'node:path'
import { importPeer, pathOfUrl } from '@kairos/core/driver'
import { Kysely, PGliteDialect, type PGliteDialectConfig } from 'kysely'
import { type AnyTables, type Connected, type ConnectRequest, exported } from './connected.ts'
import { share } from './shared-clients.ts'

type PGlite = Exclude<PGliteDialectConfig['pglite'], (...parameters: never[]) => unknown>

/** Connects to `pglite:path`, a folder, or to `pglite:` or `pglite::memory:`, in memory. */
export function connectPglite(request: ConnectRequest): Promise<Connected> {
  const path = pathOfUrl(request.url)
  if (path === '' || path === ':memory:') return openPglite(undefined, request)
  return share(`pglite ${resolve(path)}`, () => openPglite(path, request))
}

async function openPglite(path: string | undefined, { scheme, clientConfig }: ConnectRequest): Promise<Connected> {
  const module = await importPeer({ package: '@electric-sql/pglite', scheme, from: import.meta.url })
  const PGliteDatabase = exported<new (path?: string, options?: object) => PGlite>(module, 'PGlite')
  const pglite = new PGliteDatabase(path, clientConfig)
  // Creating a folder takes seconds, which no statement's deadline allows for.
  await pglite.waitReady
  const kysely = new Kysely<AnyTables>({ dialect: new PGliteDialect({ pglite }) })
  return { kysely, shortcut: null, boundByClient: false, close: () => pglite.close() }
}
