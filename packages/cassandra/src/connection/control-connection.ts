import type { CassandraClientLike } from './client.ts'

/** What is mended of a client: the connection on which it hears of nodes and their state. */
interface ControlConnection {
  _refresh?(hosts?: unknown): Promise<void>
}

const mended = new WeakSet<object>()
/** Until a control connection that could not be made again is tried again, in milliseconds. */
const PAUSE = 1_000

/**
 * Mends a fault of cassandra-driver (seen in 4.10.0): where its control connection breaks while it is being made again, two attempts run at once
 * and take each other's connection away. One of them then reads `endpoint` of null, which rejects: from a timer, so that it ends the user's
 * process, else unheard, so that the client hears of no node any more; and each leaves its listeners on the node. Here one attempt runs at a
 * time, and one that failed is made again. Does nothing to a client that is made otherwise.
 */
export function mendControlConnection(client: CassandraClientLike): void {
  const { controlConnection } = client as { readonly controlConnection?: ControlConnection }
  const refresh = controlConnection?._refresh
  if (controlConnection === undefined || typeof refresh !== 'function' || mended.has(controlConnection)) return
  mended.add(controlConnection)
  let running: Promise<void> | undefined
  controlConnection._refresh = (hosts) => {
    // A step of the attempt that runs.
    if (hosts !== undefined) return refresh.call(controlConnection, hosts)
    running ??= refresh
      .call(controlConnection)
      .catch(() => {
        setTimeout(() => controlConnection._refresh?.(), PAUSE).unref()
      })
      .finally(() => {
        running = undefined
      })
    return running
  }
}
