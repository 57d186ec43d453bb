import type { ServerConfig } from './config/types.ts'
import type { PortName } from './listen/ports.ts'

/** A server that is listening. */
export interface KairosServer {
  /** Where it answers HTTP: `http://127.0.0.1:8080`. */
  readonly url: string
  readonly port: number
  /** The other ports that are listened to. */
  readonly ports: Readonly<Partial<Record<PortName, number>>>
  /**
   * Serves another configuration from now on. Listeners and timeseries that are the same continue; those that are not are begun before the old ones
   * end. If anything fails, all stays as it is.
   * @throws KAIROS_INVALID_CONFIG, and what opening a store or listening rejects with
   */
  reload(config: ServerConfig): Promise<void>
  /**
   * Takes what has already arrived, waits for requests in flight, for all of that at most `grace` milliseconds (default 10,000), writes what is in
   * the buffers, and closes the stores.
   */
  stop(grace?: number): Promise<void>
}
