import type { TimeseriesConfig } from '@kairos/core'
import type { AllowedHosts, AllowedOrigins } from '@kairos/events/http'
import type { ServerLimits } from '../http/limits.ts'

/** A timeseries of a configuration: that of `createTimeseries`, and where it is kept. */
export interface ServedConfig extends Omit<TimeseriesConfig, 'name' | 'writeFunc'> {
  /** The name of a store in `stores`; default: the first. */
  readonly store?: string
}

/** Where the server listens, and who may call it. */
export interface ServerOptions {
  /** Default 127.0.0.1, which other machines cannot reach. */
  readonly host?: string
  /** Default 8080; 0: any free port. */
  readonly port?: number
  /** The token that every request but `/health` must send as `Authorization: Bearer …`; a list while one replaces another. */
  readonly token?: string | readonly string[]
  /** Further names of the server, beside addresses, names without a dot and `*.localhost`; `true`: every name. */
  readonly hosts?: AllowedHosts
  /** Origins whose pages may call, beside the server's own; `true`: every page, without cookies. */
  readonly cors?: AllowedOrigins
  readonly limits?: Partial<ServerLimits>
}

/** The configuration that the server and the command line share. Unknown keys are refused. */
export interface ServerConfig {
  /** URLs of stores by name. Default: the SQLite file `kairos.db`. */
  readonly stores?: Readonly<Record<string, string>>
  /** By name, which is also what a timeseries is called in its store. Default: five, for what Carbon and StatsD clients send. */
  readonly timeseries?: Readonly<Record<string, ServedConfig>>
  readonly server?: ServerOptions
}
