const NEWLINE = 10
const NOTHING = Buffer.alloc(0)

/** Several lines. */
export interface Lines {
  readonly bytes: Buffer
  /** Where the first one begins. */
  readonly start: number
  /** The newline of the last one. */
  readonly last: number
  /** The most bytes that a line may have. */
  readonly most: number
}

/** What becomes of lines. Their ends are not in them. */
export interface LineTaker {
  /** Takes lines as long as they have the most usual form, without being given each. Returns where it stopped: at the beginning of a line. */
  usual?(lines: Lines): number
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
    let start = 0
    if (this.#rest.length > 0) {
      const end = chunk.indexOf(NEWLINE)
      const line = Buffer.concat([this.#rest, end === -1 ? chunk : chunk.subarray(0, end)])
      if (end === -1) return this.#keep(line, 0)
      this.#line(line, 0, line.length)
      start = end + 1
    }
    const last = chunk.lastIndexOf(NEWLINE)
    while (start <= last) {
      if (!this.#skips) start = usualLines(this.#taker, chunk, start, last, this.#most)
      if (start > last) break
      const end = chunk.indexOf(NEWLINE, start)
      this.#line(chunk, start, end)
      start = end + 1
    }
    return this.#keep(chunk, start)
  }

  #line(bytes: Buffer, start: number, end: number): void {
    if (this.#skips) this.#skips = false
    else if (end - start > this.#most) this.#taker.tooLong(bytes, start, end)
    else this.#taker.line(bytes, start, end)
  }

  /** Keeps the beginning of a line. */
  #keep(bytes: Buffer, start: number): true {
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
  const last = packet.lastIndexOf(NEWLINE)
  for (let start = usualLines(taker, packet, 0, last, most); start < packet.length; ) {
    const end = start > last ? packet.length : packet.indexOf(NEWLINE, start)
    if (end - start > most) taker.tooLong(packet, start, end)
    else taker.line(packet, start, end)
    start = usualLines(taker, packet, end + 1, last, most)
  }
}

function usualLines(taker: LineTaker, bytes: Buffer, start: number, last: number, most: number): number {
  return taker.usual === undefined || start > last ? start : taker.usual({ bytes, start, last, most })
}
