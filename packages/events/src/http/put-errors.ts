/** One error of a put, as `@errors` and `@details` show it. */
export interface PutError {
  readonly code: string
  readonly stream?: string
  /** Which of the stream's events, from 0. */
  readonly index?: number
  readonly message: string
}

/** The most characters of all errors together. */
const MOST_CHARACTERS = 64_000
/** The most characters of a client's text in a message. */
const SHOWN = 60

/** The errors of a put: the first ones in full, and the number of others. Every event may have one, and an error is longer than a small event. */
export class PutErrors {
  readonly #most: number
  readonly #shown: PutError[] = []
  #characters = 0
  #more = 0

  constructor(most: number) {
    this.#most = most
  }

  get isEmpty(): boolean {
    return this.#shown.length + this.#more === 0
  }

  /** Whether another error would be shown; otherwise there is no need to make its message. */
  get hasRoom(): boolean {
    return this.#more === 0 && this.#shown.length < this.#most && this.#characters < MOST_CHARACTERS
  }

  add(make: () => PutError): void {
    if (!this.hasRoom) {
      this.#more++
      return
    }
    const error = make()
    this.#characters += 2 * error.message.length + (error.stream?.length ?? 0)
    this.#shown.push(error)
  }

  /** The members of the response; none if there are no errors. */
  asMembers(): Readonly<Record<string, unknown>> {
    if (this.isEmpty) return {}
    const messages = this.#shown.map(({ message }) => message)
    if (this.#more > 0) messages.push(`and ${this.#more} more`)
    return { '@errors': messages, '@details': this.#shown }
  }
}

/** The start of a client's text. */
export function shortened(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text
}
