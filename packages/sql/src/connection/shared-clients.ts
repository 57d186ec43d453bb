import type { Connected } from './connected.ts'

/** A client that several drivers in this process share. */
interface Shared {
  readonly connected: Promise<Connected>
  users: number
}
const shared = new Map<string, Shared>()
/** Clients that their last user has closed, until they have ended: until then, they keep their folder locked. */
const closing = new Map<string, Promise<void>>()

/**
 * Shares one client among all drivers in this process that ask for the same key; the last one to close it ends it. An embedded database locks out
 * even its own process: SQLite's file for a while, PGlite's folder for as long as it is open. And with a pool for each timeseries, a server would
 * soon run out of connections.
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
    // The next caller tries again, whether or not all waiting ones have given up by then.
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
