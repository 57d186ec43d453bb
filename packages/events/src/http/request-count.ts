import { serverBusy } from './request-error.ts'

/**
 * The requests that a server is answering at a time.
 * @example const requests = new RequestCount(limits.maxRequests)
 */
export class RequestCount {
  readonly #most: number
  #count = 0

  constructor(most: number) {
    this.#most = most
  }

  begin(): void {
    this.#count++
  }

  end(): void {
    this.#count--
  }

  /** @throws RequestError with status 503 if there are more than there may be */
  check(): void {
    if (this.#count > this.#most) throw serverBusy('the server is already answering as many requests as it may')
  }
}
