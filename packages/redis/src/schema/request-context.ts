import type { Lease } from '@kairos/core/driver'
import type { Argument } from '../connection/client.ts'
import type { ScriptRunner } from '../connection/script-runner.ts'
import type { ServerClock } from '../connection/server-clock.ts'
import type { Script } from '../scripts/script.ts'
import type { Keys } from './keys.ts'

/** What a request needs. */
export interface RequestContext {
  readonly runner: ScriptRunner
  readonly keys: Keys
  /** Refuses requests once their record has been replaced; absent while records are being opened. */
  readonly lease?: Lease
  /** Gives requests that delete a deadline; absent for those that delete what is never written again. */
  readonly clock?: ServerClock
  /** Ends work that takes many requests. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Makes one request of work that takes many, unless the signal has aborted.
 * @throws StoreFailure
 */
export function ask(
  { runner, lease, signal }: RequestContext,
  script: Script,
  keys: readonly string[],
  parameters: readonly Argument[],
): Promise<unknown> {
  signal?.throwIfAborted()
  return runner.ask(script, keys, parameters, lease)
}
