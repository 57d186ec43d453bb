import { KairosError } from '@kairos/core'
import { describe, messageOf } from '@kairos/core/driver'
import { aborted, Backoff } from './backoff.ts'
import { type JsonRecord, stringsIn } from './responses.ts'

export interface TransportOptions {
  readonly patience: number
  readonly timeout: number
  readonly headers: Readonly<Record<string, string>>
  readonly fetch: typeof fetch
}

/** The response to one attempt. Its body is still to come, and can be read once. */
export interface StreamedResponse {
  /** The body as it arrives. Rejects if it is cut, and if neither much of it nor anything that counts as progress arrives. */
  readonly pieces: AsyncIterable<Uint8Array>
  /** Tells that what arrived is of use: the server has the whole timeout again. */
  progress(): void
  /** The whole body. */
  text(): Promise<string>
  /** Stops reading. */
  cancel(): void
}

/** Statuses after which the same request may succeed. */
const RETRYABLE = [408, 429, 500, 502, 503, 504]

/** A server whose response grows more slowly than this many bytes per timeout is taken for silent, unless what it sends is of use. */
const ENOUGH_BYTES = 16_384
/** Characters of a response that is read as a whole, and of a line. No event is as long: this keeps a faulty server from filling the memory. */
export const LONGEST_TEXT: number = 2 ** 26

/** Sends requests to one server. */
export class Transport {
  readonly #url: string
  readonly #options: TransportOptions

  constructor(url: string, options: TransportOptions) {
    this.#url = url.replace(/\/+$/, '')
    this.#options = options
  }

  backoff(): Backoff {
    return new Backoff(this.#options.patience)
  }

  /**
   * One attempt. Rejects unless the status is 200.
   * @throws KAIROS_STORE_FAILED, `retryable` if another attempt may succeed; KAIROS_ABORTED
   */
  async send(path: string, body: string | null, signal: AbortSignal | undefined): Promise<StreamedResponse> {
    const { timeout, headers, fetch: send } = this.#options
    const watch = new SilenceTimer(timeout, signal)
    try {
      const response = await send(`${this.#url}${path}`, {
        method: body === null ? 'GET' : 'POST',
        headers: body === null ? headers : { 'content-type': 'application/json', ...headers },
        body,
        signal: watch.signal,
        // Another server might get the events, and a POST would become a GET.
        redirect: 'manual',
      })
      watch.heard()
      watch.resume()
      const streamed = streamedResponse(response, watch, path, signal)
      if (response.status === 200) return streamed
      const location = response.headers.get('location')
      if (location !== null && response.status >= 300 && response.status < 400) {
        streamed.cancel()
        throw redirected(path, response.status, location)
      }
      throw refused(path, response.status, await streamed.text())
    } catch (error) {
      watch.end()
      throw failed(path, error, signal)
    }
  }

  /** A call that may be repeated: attempts it until it succeeds, or patience runs out. Resolves to what `read` makes of the response. */
  async call<Result>(
    path: string,
    body: string | null,
    signal: AbortSignal | undefined,
    read: (answer: StreamedResponse) => Promise<Result>,
  ): Promise<Result> {
    const backoff = this.backoff()
    for (;;) {
      try {
        return await read(await this.send(path, body, signal))
      } catch (error) {
        if (!isRetryable(error) || !(await backoff.wait(signal))) throw error
      }
    }
  }
}

/** Whether another attempt may succeed. */
export function isRetryable(error: unknown): boolean {
  return KairosError.is(error) && error.code === 'KAIROS_STORE_FAILED' && error.retryable === true
}

/** Aborts with the caller's signal, and when the server has been silent for too long. */
class SilenceTimer {
  readonly signal: AbortSignal
  readonly #silence = new AbortController()
  readonly #timeout: number
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Milliseconds that the server still has, at the time when the timer was started. */
  #left: number
  #started = 0

  constructor(timeout: number, signal: AbortSignal | undefined) {
    this.#timeout = timeout
    this.#left = timeout
    this.signal = signal === undefined ? this.#silence.signal : AbortSignal.any([signal, this.#silence.signal])
    this.resume()
  }

  /** The server has the whole timeout again, from the next `resume` on. */
  heard(): void {
    this.#left = this.#timeout
  }

  /** Stops the time while the reader is busy. */
  pause(): void {
    this.end()
    this.#left -= performance.now() - this.#started
  }

  resume(): void {
    this.end()
    this.#started = performance.now()
    const late = (): void => this.stop(`the server was silent for ${this.#timeout} ms`)
    this.#timer = setTimeout(late, Math.max(0, this.#left))
  }

  stop(reason: string): void {
    this.end()
    this.#silence.abort(new Error(reason))
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}

function streamedResponse(
  response: Response,
  watch: SilenceTimer,
  path: string,
  signal: AbortSignal | undefined,
): StreamedResponse {
  async function* pieces(): AsyncGenerator<Uint8Array, void, void> {
    let bytes = 0
    try {
      for await (const piece of response.body ?? []) {
        watch.pause()
        bytes += piece.length
        if (bytes >= ENOUGH_BYTES) {
          bytes = 0
          watch.heard()
        }
        yield piece
        watch.resume()
      }
    } catch (error) {
      throw failed(path, error, signal)
    } finally {
      watch.end()
    }
  }
  return {
    pieces: { [Symbol.asyncIterator]: pieces },
    progress: () => watch.heard(),
    async text() {
      const decoder = new TextDecoder()
      let text = ''
      for await (const piece of pieces()) {
        text += decoder.decode(piece, { stream: true })
        if (text.length > LONGEST_TEXT) throw endlessResponse(path)
      }
      return text + decoder.decode()
    },
    cancel: () => watch.stop('the reader stopped'),
  }
}

/** The error for a response, or a line of one, that does not end. */
export function endlessResponse(path: string): KairosError {
  const message = `${path}: the server sent more than ${LONGEST_TEXT} characters without an end`
  return new KairosError('KAIROS_STORE_FAILED', message, { driver: 'http', operation: path, retryable: true })
}

function failed(path: string, error: unknown, signal: AbortSignal | undefined): KairosError {
  if (KairosError.is(error)) return error
  if (signal?.aborted) return aborted(signal.reason)
  const cause = error instanceof Error ? error.cause : undefined
  // fetch only says 'fetch failed'; its cause says why.
  const detail = cause instanceof Error ? `: ${cause.message || cause.name}` : ''
  return new KairosError(
    'KAIROS_STORE_FAILED',
    `${path}: ${messageOf(error)}${detail}`,
    { driver: 'http', operation: path, retryable: true },
    error,
  )
}

function redirected(path: string, status: number, location: string): KairosError {
  // The location is the server's: it may contain anything, but no secret of this client.
  return new KairosError(
    'KAIROS_STORE_FAILED',
    `${path}: status ${status}: the server redirects to ${describe(location)}; use the URL of the server itself`,
    { driver: 'http', operation: path, retryable: false, status, errors: [] },
  )
}

function refused(path: string, status: number, body: string): KairosError {
  const errors = errorsIn(body)
  return new KairosError(
    'KAIROS_STORE_FAILED',
    `${path}: status ${status}: ${errors.join('; ') || 'no reason given'}`,
    {
      driver: 'http',
      operation: path,
      retryable: RETRYABLE.includes(status),
      status,
      errors,
    },
  )
}

/** The errors in the envelope, if there is one; otherwise the start of the body. */
function errorsIn(body: string): readonly string[] {
  try {
    return stringsIn((JSON.parse(body) as JsonRecord)['@errors'])
  } catch {
    return body === '' ? [] : [body.slice(0, 200)]
  }
}
