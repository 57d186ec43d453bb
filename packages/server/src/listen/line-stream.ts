const NEWLINE = 10
const NOTHING = Buffer.alloc(0)

/** What becomes of lines. Their ends are not in them. */
export interface LineTaker {
  line(bytes: Buffer, start: number, end: number): void
  /** A line that is longer than it may be: the beginning of it. */
  tooLong(bytes: Buffer, start: number, end: number): void
  /** What came last, without the end of a line. */
  incomplete(bytes: Buffer, start: number, end: number): void
}

/** Cuts a stream of bytes into lines. Holds at most one, up to the longest that is allowed. */
export class LineStream {
  readonly #taker: LineTaker
  readonly #most: number
  #rest = NOTHING
  /** Inside of a line that was too long. */
  #skips = false

  constructor(taker: LineTaker, most: number) {
    this.#taker = taker
    this.#most = most
  }

  take(chunk: Buffer): true {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let start = 0
    for (let end = bytes.indexOf(NEWLINE, this.#rest.length); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      if (this.#skips) this.#skips = false
      else if (end - start > this.#most) this.#taker.tooLong(bytes, start, end)
      else this.#taker.line(bytes, start, end)
      start = end + 1
    }
    if (bytes.length - start > this.#most) {
      if (!this.#skips) this.#taker.tooLong(bytes, start, bytes.length)
      this.#skips = true
    }
    // A copy: a piece of the chunk would keep all of it.
    this.#rest = this.#skips || start === bytes.length ? NOTHING : Buffer.from(bytes.subarray(start))
    return true
  }

  end(): void {
    if (this.#rest.length > 0) this.#taker.incomplete(this.#rest, 0, this.#rest.length)
    this.#rest = NOTHING
  }
}

/** Gives the lines of a whole packet, which need no newline at the end. */
export function linesIn(packet: Buffer, taker: LineTaker, most: number): void {
  for (let start = 0; start < packet.length; ) {
    const newline = packet.indexOf(NEWLINE, start)
    const end = newline === -1 ? packet.length : newline
    if (end - start > most) taker.tooLong(packet, start, end)
    else taker.line(packet, start, end)
    start = end + 1
  }
}
