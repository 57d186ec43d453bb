import { faultOf } from './failures.ts'

/** The client's protocol for what becomes of a request that failed on one node. */
interface Decision {
  readonly decision: number
  readonly consistency?: number | undefined
  readonly useCurrentHost?: boolean
}
type Info = { readonly nbRetry: number }

/** What a client asks about a request that failed: its class `RetryPolicy` fits. */
export interface RetryPolicyLike {
  onReadTimeout(info: Info, ...details: unknown[]): Decision
  onWriteTimeout(info: Info, ...details: unknown[]): Decision
  onUnavailable(info: Info, ...details: unknown[]): Decision
  onRequestError(info: Info, consistency: unknown, error: unknown): Decision
}

const IGNORE = 2
const RETHROW: Decision = { decision: 0 }
const NEXT_NODE: Decision = { decision: 1, useCurrentHost: false }

/** As the client decides by itself: another node where the first one does not answer, once where it finds too few replicas. */
export const DEFAULT_POLICY: RetryPolicyLike = {
  onReadTimeout: () => RETHROW,
  onWriteTimeout: () => RETHROW,
  onUnavailable: ({ nbRetry }) => (nbRetry > 0 ? RETHROW : NEXT_NODE),
  onRequestError: () => NEXT_NODE,
}

/**
 * Decides for one write as another policy would, and remembers what the error in the end does not say: that a node before the last one may have
 * carried it out.
 */
export class RememberingPolicy implements RetryPolicyLike {
  /** Some node may have carried the request out, and did not answer. */
  inDoubt = false
  readonly #policy: RetryPolicyLike
  readonly #mayRepeat: () => boolean

  /** `mayRepeat`: whether it may be sent once more now. */
  constructor(policy: RetryPolicyLike, mayRepeat: () => boolean) {
    this.#policy = policy
    this.#mayRepeat = mayRepeat
  }

  onReadTimeout(info: Info, ...details: unknown[]): Decision {
    return this.#decide(this.#policy.onReadTimeout(info, ...details))
  }

  onUnavailable(info: Info, ...details: unknown[]): Decision {
    return this.#decide(this.#policy.onUnavailable(info, ...details))
  }

  onWriteTimeout(info: Info, ...details: unknown[]): Decision {
    this.inDoubt = true
    return this.#decide(this.#policy.onWriteTimeout(info, ...details))
  }

  onRequestError(info: Info, consistency: unknown, error: unknown): Decision {
    if (!faultOf(error).notApplied) this.inDoubt = true
    return this.#decide(this.#policy.onRequestError(info, consistency, error))
  }

  /** A policy may have a client ignore failures: those of a write are what this driver must tell. */
  #decide(decision: Decision): Decision {
    return decision.decision === IGNORE || !this.#mayRepeat() ? RETHROW : decision
  }
}
