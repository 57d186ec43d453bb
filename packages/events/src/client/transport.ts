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

/** One try's answer, whose body is still to come, and is read once. */
export interface Answer {
  /** The body as it comes; rejects when it ends before its end. */
  readonly pieces: AsyncIterable<Uint8Array>
  text(): Promise<string>
  /** Gives up the rest. */
  cancel(): void
}

/** Answers after which the same request may succeed. */
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
   * One try. Every answer but a 200 rejects.
   * @throws KAIROS_STORE_FAILED, retryable where another try may help; KAIROS_ABORTED
   */
  async send(path: string, body: string | null, signal: AbortSignal | undefined): Promise<Answer> {
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
      const answer = answerOf(response, watch, path, signal)
      if (response.status === 200) return answer
      throw refused(path, response.status, await answer.text())
    } catch (error) {
      watch.end()
      throw failed(path, error, signal)
    }
  }

  /** A call that changes nothing when it is made again: made until it is answered, or patience ends. Resolves to the JSON of the answer. */
  async call(path: string, body: string | null, signal: AbortSignal | undefined): Promise<string> {
    const backoff = this.backoff()
    for (;;) {
      try {
        return await (await this.send(path, body, signal)).text()
      } catch (error) {
        if (!isRetryable(error) || !(await backoff.pause(signal))) throw error
      }
    }
  }
}

export function isRetryable(error: unknown): boolean {
  return KairosError.is(error) && error.code === 'KAIROS_STORE_FAILED' && error.retryable === true
}

/** Aborts when the caller does, and when nothing has been heard for too long. */
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
    this.#timer = setTimeout(() => this.stop(`nothing was heard for ${this.#timeout} ms`), this.#timeout)
  }

  stop(reason: string): void {
    this.end()
    this.#silence.abort(new Error(reason))
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}

function answerOf(response: Response, watch: SilenceTimer, path: string, signal: AbortSignal | undefined): Answer {
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
    cancel: () => watch.stop('the reader has enough'),
  }
}

function failed(path: string, error: unknown, signal: AbortSignal | undefined): KairosError {
  if (KairosError.is(error)) return error
  if (signal?.aborted) return aborted(signal.reason)
  const cause = error instanceof Error ? error.cause : undefined
  // fetch says no more than 'fetch failed'; its cause says what.
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
  return new KairosError('KAIROS_STORE_FAILED', `${path} was answered ${status}: ${errors.join('; ') || 'no reason'}`, {
    driver: 'http',
    operation: path,
    retryable: RETRYABLE.includes(status),
    status,
    errors,
  })
}

/** What the envelope says, where there is one. */
function errorsIn(body: string): readonly string[] {
  try {
    return stringsIn((JSON.parse(body) as JsonRecord)['@errors'])
  } catch {
    return body === '' ? [] : [body.slice(0, 200)]
  }
}
