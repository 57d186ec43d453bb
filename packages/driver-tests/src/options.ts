import type { OriginalType, StorageDriver } from '@kairos/core/driver'
import type { Fault } from './fault-proxy.ts'

/**
 * What the kit needs from a test runner: the functions that vitest, node:test, mocha and jest export under these names.
 * One hook closes what the kit opened: `afterAll` or `after`, once; else `afterEach`, which opens everything again for each test.
 */
export interface TestRunner {
  describe(title: string, body: () => void): unknown
  it(title: string, test: (...given: unknown[]) => Promise<void>, timeout?: number): unknown
  afterAll?(close: () => Promise<void>): unknown
  after?(close: () => Promise<void>): unknown
  afterEach?(close: () => Promise<void>): unknown
  /** Not used; so that a runner's usual four functions can be passed together. */
  beforeEach?: unknown
}

/** The argument of `create`. */
export interface CreateRequest {
  /**
   * Where the driver keeps its data: a lower-case word of at most 24 letters, digits and `_`, to be used in a prefix, a table's or a file's
   * name. The same place holds the same data for every driver made for it; different places share nothing.
   */
  readonly place: string
}

/** The argument of `failing`. */
export interface FailingRequest extends CreateRequest {
  /** The fate of the next request to the store; null: it passes. */
  decide(): Fault | null
}

/** A driver whose store fails, and what else to close after it. */
export interface FailingDriver {
  readonly driver: StorageDriver
  close?(): Promise<void>
}

/** A driver on its caller's client, with options of its own that make a call part of that client's transaction. */
export interface TransactionalDriver {
  readonly driver: StorageDriver
  /** Begins a transaction. Called after a timeseries was opened, and not again before `rollback` has resolved. */
  begin(): Promise<OpenTransaction>
  /** Ends the client, after the driver was closed. */
  close?(): Promise<void>
}

/** A transaction that has begun. */
export interface OpenTransaction {
  /** The options of a call that make it part of the transaction: `{ transaction }`, `{ session }`. */
  readonly options: Readonly<Record<string, unknown>>
  rollback(): Promise<void>
}

/** A test that a driver does not pass, and why. It must fail: a deviation whose test passes is itself an error. */
export interface Deviation {
  /** The test's whole title, without those of the groups around it. */
  readonly test: string
  readonly reason: string
}

/** How other processes reach the store. */
export interface ProcessOptions {
  /** An importable module (`new URL('./store.ts', import.meta.url)`) that exports a `create` which does what the option of that name does. */
  readonly module: string | URL
  /** Set in those processes, beside this one's environment. */
  readonly env?: Readonly<Record<string, string>>
  /**
   * Only one process may have the store open at a time (an embedded database's file): the processes write one after the other, while this one has
   * closed its drivers. Data that stays in a process's memory is still detected.
   */
  readonly exclusive?: boolean
  /** Node's own arguments for them: `['--conditions=development']`. Default: this process's. */
  readonly execArgv?: readonly string[]
}

/** Options of `describeDriver`. */
export interface DriverTestOptions {
  readonly runner: TestRunner
  /** A driver at a place that was empty, or held only what an earlier run of this kit left, when the run began. */
  create(request: CreateRequest): StorageDriver | Promise<StorageDriver>
  /** The outermost group's title; default `storage driver`. */
  readonly name?: string
  /**
   * `short`, the default unless the environment says `KAIROS_TEST_SIZE=long`, takes some five seconds of CPU time on SQLite; `long` has more and longer random runs, more rounds of concurrent writers, and waits
   * for an unreachable store until core gives up.
   */
  readonly size?: 'short' | 'long'
  /**
   * Whether two drivers made for one place see each other's data; default true. With false (a store that lives inside its driver object) the
   * second instance of a test is another timeseries on the same driver.
   */
  readonly shared?: boolean
  /** How to reach the store from other processes. Without it, the tests with several processes are skipped. */
  readonly processes?: ProcessOptions
  /** A driver whose store does not answer: a closed port, a folder that is not there. Without it, its tests are skipped. */
  unreachable?(): StorageDriver | Promise<StorageDriver>
  /**
   * A driver at the place that asks `decide` before each request to the store, and fails accordingly: `startFaultProxy` in front of a server,
   * or a client that fails. Without it, the tests of what a write reports about a failing store are skipped.
   */
  failing?(request: FailingRequest): Promise<FailingDriver>
  /**
   * A driver at the place whose own options make calls part of a transaction. Without it, nothing shows that each call of the store uses the
   * options that it is given.
   */
  transactions?(request: CreateRequest): Promise<TransactionalDriver>
  /**
   * If the driver accepts the caller's own `fetch`: one that reads just what `read` does, so that results can be compared.
   * Required of a driver with the capability.
   */
  fetch?(type: OriginalType): unknown
  /** Only these groups of tests, by their titles (`store contract`, `concurrency`, …); default all. For a second server that one driver talks to. */
  readonly groups?: readonly string[]
  /**
   * True for a further server, version or client of a store on which the driver passes the whole kit elsewhere: the short size then leaves out the
   * groups that test what core makes of the store's answers. The long size has them.
   */
  readonly further?: boolean
  /** The driver's own factory, and a URL that it accepts; the tests also pass it things that are not clients, options or URLs. */
  readonly factory?: { make(client: unknown, options?: unknown): unknown; readonly url: string }
  readonly deviations?: readonly Deviation[]
  /** Repeats the random runs of an earlier one, whose failure printed it. */
  readonly seed?: number
  /** Milliseconds that one test may take, passed to the runner; default 120,000, in the long size 600,000. */
  readonly timeout?: number
}
