import { faultOf } from './lost-answers.ts'

/** What the client expects of a retry policy: what to do after a request failed on one node. */
interface Decision {
  readonly decision: number
  readonly consistency?: number | undefined
  readonly useCurrentHost?: boolean
}
type Info = { readonly nbRetry: number }

/** The questions that a client asks about a failed request. Its class `RetryPolicy` fits. */
export interface RetryPolicyLike {
  onReadTimeout(info: Info, ...details: unknown[]): Decision
  onWriteTimeout(info: Info, ...details: unknown[]): Decision
  onUnavailable(info: Info, ...details: unknown[]): Decision
  onRequestError(info: Info, consistency: unknown, error: unknown): Decision
}

const IGNORE = 2
const RETHROW: Decision = { decision: 0 }
const NEXT_NODE: Decision = { decision: 1, useCurrentHost: false }

/** The client's own default: another node if the first does not answer; if there are too few replicas, another node once. */
export const DEFAULT_POLICY: RetryPolicyLike = {
  onReadTimeout: () => RETHROW,
  onWriteTimeout: () => RETHROW,
  onUnavailable: ({ nbRetry }) => (nbRetry > 0 ? RETHROW : NEXT_NODE),
  onRequestError: () => NEXT_NODE,
}

/**
 * Decides about one write as another policy would, and remembers what the final error does not say: that a node tried before the last one may have
 * applied the write.
 */
export class RememberingPolicy implements RetryPolicyLike {
  /** Some node may have applied the request without answering. */
  inDoubt = false
  readonly #policy: RetryPolicyLike
  readonly #mayRepeat: () => boolean

  /** @param mayRepeat whether the write may still be sent again */
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

  /** A policy may tell the client to ignore a failure; this driver has to report it. */
  #decide(decision: Decision): Decision {
    return decision.decision === IGNORE || !this.#mayRepeat() ? RETHROW : decision
  }
}
