import type { TimeseriesConfig } from '@kairos/core'
import type { Retention } from '@kairos/events'
import type { AllowedHosts, AllowedOrigins } from '@kairos/events/http'
import type { ServerLimits } from '../http/limits.ts'

/**
 * Which names are meant. A text is a glob for the whole name: `*` is one part between dots or a piece of one, `**` anything. A regular expression may
 * match anywhere in the name.
 */
export type NamePattern = string | RegExp

/**
 * What was sent: `value` by Carbon's clients and over HTTP; by those of StatsD a `count` (`c`), a `timing` (`ms`, `h`, `d`), a `gauge` (`g`) or a
 * `member` of a set (`s`).
 */
export type InputKind = 'value' | 'count' | 'timing' | 'gauge' | 'member'

/** An aggregate: the name that also gets what is sent to the names of a pattern. `<part>` in both stands for the same part of the name. */
export type Aggregate = readonly [name: string, pattern: NamePattern]

/** A timeseries of a configuration: that of `createTimeseries`, where it is kept, and what goes into it. */
export interface ServerTimeseriesConfig extends Omit<TimeseriesConfig, 'name' | 'writeFunc'> {
  /** The name of a store in `stores`; default: the first. */
  readonly store?: string
  /** The names that it keeps; default: none. A name is kept by every timeseries that matches it. */
  readonly match?: NamePattern | readonly NamePattern[]
  /** What it keeps of what is sent to these names. Default: what its type can hold. */
  readonly takes?: readonly InputKind[]
  /** The name and value that are stored instead; null: nothing. Called for each value. */
  readonly map?: (name: string, value: unknown) => readonly [name: string, value: unknown] | null
  /** Also written into this many buckets after (> 0) or before (< 0) its own. */
  readonly rolling?: number
  /** Makes a name and a value, for `kairos bench`. */
  readonly generator?: () => readonly [name: string, value: unknown]
}

/** Where Carbon's protocols are taken. */
export interface CarbonOptions {
  /** Default: that of the server. */
  readonly host?: string
  /** Plaintext over TCP and UDP; default 2003; 0: any free port. */
  readonly port?: number
  /** Pickles over TCP; default 2004; false: none. */
  readonly picklePort?: number | false
}

/** Where StatsD is taken. */
export interface StatsdOptions {
  /** Default: that of the server. */
  readonly host?: string
  /** Over UDP and TCP; default 8125; 0: any free port. */
  readonly port?: number
}

/** Streams of events, by the protocol of Kronos. */
export interface KronosOptions {
  /** The name of a store in `stores`; default: the first. */
  readonly store?: string
  /** Default: `['kronos']`. */
  readonly namespaces?: readonly string[]
  /** What is kept, by prefix of stream names: `{ '': { age: 86400 } }`. Default: everything. */
  readonly retention?: Readonly<Record<string, Retention>>
}

/** What a server is for: `readonly` takes nothing in, `writeonly` answers no questions about what is stored. */
export type ServerMode = 'all' | 'readonly' | 'writeonly'

/** When what comes in is written. */
export interface ServerBufferOptions {
  /** Milliseconds after which the first value that waits is written: what a crash may lose. Default 2,000. */
  readonly interval?: number
  /** As soon as the values of a timeseries fill this many cells, they are written; default 100,000, fewer in proportion where Node's heap may not grow to 2 GB. */
  readonly maxCells?: number
  /** While this many values of a timeseries wait, TCP and HTTP wait, and UDP is dropped; default 200,000, or fewer as `maxCells`. */
  readonly maxPending?: number
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
  /** Default: on where the configuration has no `timeseries`, else off. */
  readonly carbon?: boolean | CarbonOptions
  /** Default: on where the configuration has no `timeseries`, else off. */
  readonly statsd?: boolean | StatsdOptions
  /** Event streams under `/1.0/`. Default: off. */
  readonly kronos?: boolean | KronosOptions
  /** Default `all`. */
  readonly mode?: ServerMode
  readonly buffer?: ServerBufferOptions
  /** A file to which dead letters are appended, as JSON, one a line. At 100 MB it is renamed to `FILE.1`. */
  readonly deadLetter?: string
}

/** The configuration that the server and the command line share. Unknown keys are refused. */
export interface ServerConfig {
  /** URLs of stores by name. Default: the SQLite file `kairos.db`. */
  readonly stores?: Readonly<Record<string, string>>
  /** By name, which is also what a timeseries is called in its store. Default: five, for what Carbon and StatsD clients send. */
  readonly timeseries?: Readonly<Record<string, ServerTimeseriesConfig>>
  /** Further names for what is sent; those that match a pattern again have aggregates of their own. */
  readonly aggregates?: readonly Aggregate[]
  /** Functions that reads may name: of a bucket's data and its length in seconds. */
  readonly transforms?: Readonly<Record<string, (data: never, seconds: number) => unknown>>
  /** Options of reads under one name, such as `{ unique: { condense, transform } }`. */
  readonly macros?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly server?: ServerOptions
}
