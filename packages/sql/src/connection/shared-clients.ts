import type { Connected } from './connected.ts'

/** What drivers of this process use together. */
interface Shared {
  readonly connected: Promise<Connected>
  users: number
}
const shared = new Map<string, Shared>()
/** Clients whose last user has left, until they have ended: their folder is theirs as long. */
const closing = new Map<string, Promise<void>>()

/**
 * One client for all drivers of this process that ask for the same; the last to close it ends it. An embedded database is locked, by a file of
 * SQLite for a while, by a folder of PGlite for good, also against its own process; and a pool for each timeseries would soon be more
 * connections than a server takes.
 */
export async function share(key: string, connect: () => Promise<Connected>): Promise<Connected> {
  const entry = shared.get(key) ?? { connected: connectAfter(closing.get(key), connect), users: 0 }
  shared.set(key, entry)
  entry.users++
  const leave = (): boolean => {
    entry.users--
    if (entry.users > 0) return false
    if (shared.get(key) === entry) shared.delete(key)
    return true
  }
  try {
    const connected = await entry.connected
    return {
      ...connected,
      async close() {
        if (leave()) await closeShared(key, connected)
      },
    }
  } catch (error) {
    // The next to ask tries again, whether or not all who waited have left by then.
    if (shared.get(key) === entry) shared.delete(key)
    throw error
  }
}

async function connectAfter(before: Promise<void> | undefined, connect: () => Promise<Connected>): Promise<Connected> {
  await before
  return connect()
}

async function closeShared(key: string, { close }: Connected): Promise<void> {
  const ending = close()
  const ended = ending.catch(() => {})
  closing.set(key, ended)
  try {
    await ending
  } finally {
    if (closing.get(key) === ended) closing.delete(key)
  }
}
