/** An error beside the answer, as `@errors` and `@details` tell it. */
export interface PutError {
  readonly code: string
  readonly stream?: string
  /** Which of the stream's events, from 0. */
  readonly index?: number
  readonly message: string
}

/** Most characters of all that is told. */
const MOST_CHARACTERS = 64_000
/** Of a text that somebody else chose, in a message. */
const SHOWN = 60

/** What is wrong with the events of a put: the first faults, and how many more there are. Each event may have one, and each is longer than that. */
export class PutErrors {
  readonly #most: number
  readonly #told: PutError[] = []
  #characters = 0
  #more = 0

  constructor(most: number) {
    this.#most = most
  }

  get isEmpty(): boolean {
    return this.#told.length + this.#more === 0
  }

  /** Whether another one would be told: its message need not be made otherwise. */
  get hasRoom(): boolean {
    return this.#more === 0 && this.#told.length < this.#most && this.#characters < MOST_CHARACTERS
  }

  add(make: () => PutError): void {
    if (!this.hasRoom) {
      this.#more++
      return
    }
    const fault = make()
    this.#characters += 2 * fault.message.length + (fault.stream?.length ?? 0)
    this.#told.push(fault)
  }

  /** The members of the answer. */
  asMembers(): Readonly<Record<string, unknown>> {
    if (this.isEmpty) return {}
    const messages = this.#told.map(({ message }) => message)
    if (this.#more > 0) messages.push(`and ${this.#more} more`)
    return { '@errors': messages, '@details': this.#told }
  }
}

export function shortened(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text
}
