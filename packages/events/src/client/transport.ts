import { KairosError } from '@kairos/core'
import { messageOf } from '@kairos/core/driver'
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
  /** The body as it arrives. Rejects if it is cut. */
  readonly pieces: AsyncIterable<Uint8Array>
  /** The whole body. */
  text(): Promise<string>
  /** Stops reading. */
  cancel(): void
}

/** Statuses after which the same request may succeed. */
const RETRYABLE = [408, 429, 500, 502, 503, 504]

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
      })
      watch.heard()
      const streamed = streamedResponse(response, watch, path, signal)
      if (response.status === 200) return streamed
      throw refused(path, response.status, await streamed.text())
    } catch (error) {
      watch.end()
      throw failed(path, error, signal)
    }
  }

  /** A call that may be repeated: attempts it until it succeeds, or patience runs out. Resolves to the text of the response. */
  async call(path: string, body: string | null, signal: AbortSignal | undefined): Promise<string> {
    const backoff = this.backoff()
    for (;;) {
      try {
        return await (await this.send(path, body, signal)).text()
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

  constructor(timeout: number, signal: AbortSignal | undefined) {
    this.#timeout = timeout
    this.signal = signal === undefined ? this.#silence.signal : AbortSignal.any([signal, this.#silence.signal])
    this.heard()
  }

  heard(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.stop(`the server was silent for ${this.#timeout} ms`), this.#timeout)
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
    try {
      for await (const piece of response.body ?? []) {
        watch.end()
        yield piece
        watch.heard()
      }
    } catch (error) {
      throw failed(path, error, signal)
    } finally {
      watch.end()
    }
  }
  return {
    pieces: { [Symbol.asyncIterator]: pieces },
    async text() {
      const decoder = new TextDecoder()
      let text = ''
      for await (const piece of pieces()) text += decoder.decode(piece, { stream: true })
      return text + decoder.decode()
    },
    cancel: () => watch.stop('the reader stopped'),
  }
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
