import type { CassandraClientLike } from './client.ts'

/** The part of a client that is repaired: the connection over which it learns about nodes and their state. */
interface ControlConnection {
  _refresh?(hosts?: unknown): Promise<void>
}

const repaired = new WeakSet<object>()
/** Before another attempt to restore a control connection, in milliseconds. */
const PAUSE = 1_000

/**
 * Works around a bug of cassandra-driver (seen in 4.10.0). If its control connection breaks while it is being restored, two attempts run at once
 * and take each other's connection away. One of them then reads `endpoint` of null and rejects. If a timer started it, that ends the process;
 * otherwise it goes unnoticed, and the client learns nothing about its nodes any more. Each attempt also leaves its listeners on the node. With this,
 * one attempt runs at a time, and a failed one is repeated. A client without that control connection is left alone.
 */
export function repairControlConnection(client: CassandraClientLike): void {
  const { controlConnection } = client as { readonly controlConnection?: ControlConnection }
  const refresh = controlConnection?._refresh
  if (controlConnection === undefined || typeof refresh !== 'function' || repaired.has(controlConnection)) return
  repaired.add(controlConnection)
  let running: Promise<void> | undefined
  controlConnection._refresh = (hosts) => {
    // A step of the running attempt.
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
