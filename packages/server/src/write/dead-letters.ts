import type { DeadLetter } from './dead-letter.ts'
import { LetterFile } from './letter-file.ts'
import { type Fault, REASONS, type Reason } from './reasons.ts'
import { Ring } from './ring.ts'

/** How many dead letters are kept in memory for each reason. */
const KEPT = 1_000
/** Characters of what was sent that are kept. */
export const SHOWN = 500

/** What was sent and is not stored: counted by reason, the newest kept. */
export class DeadLetters {
  readonly #now: () => number
  #file: LetterFile | undefined
  readonly #counts = new Map<Reason, number>()
  readonly #newest = new Map<Reason, Ring<DeadLetter>>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** Appends what is added from now on to this file. */
  appendTo(path: string | undefined): void {
    if (path !== this.#file?.path) this.#file = path === undefined ? undefined : new LetterFile(path)
  }

  /** Resolves when all is in the file. */
  async flush(): Promise<void> {
    await this.#file?.flush()
  }

  add({ reason, message }: Fault, source: string, sent: string): void {
    this.#counts.set(reason, this.count(reason) + 1)
    let newest = this.#newest.get(reason)
    if (newest === undefined) {
      newest = new Ring(KEPT)
      this.#newest.set(reason, newest)
    }
    // A copy: a piece of a body would keep all of it.
    const text = Buffer.from(sent.slice(0, SHOWN)).toString()
    const letter = { time: this.#now(), reason, source, text, ...(message !== undefined && { message }) }
    newest.add(letter)
    this.#file?.add(letter)
  }

  /** The same for a piece of bytes. */
  addBytes(fault: Fault, source: string, bytes: Buffer, start: number, end: number): void {
    this.add(fault, source, bytes.toString('utf8', start, Math.min(end, start + SHOWN)))
  }

  count(reason: Reason): number {
    return this.#counts.get(reason) ?? 0
  }

  /** Newest last; of one reason, or of each. */
  list(reason?: Reason): DeadLetter[] {
    const reasons = reason === undefined ? (Object.keys(REASONS) as Reason[]) : [reason]
    return reasons.flatMap((each) => this.#newest.get(each)?.list() ?? [])
  }
}
