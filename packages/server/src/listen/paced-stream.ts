import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { IntakeStats } from '../write/intake-stats.ts'
import type { Target } from './line-intake.ts'
import { isTurnOver } from './turn.ts'

/** Bytes that are taken before it is seen whether values must wait, or others should have a turn. */
const PIECE = 8_192
const NEWLINE = 10

/** Takes the bytes of one connection. */
export interface StreamTaker {
  /** False: what comes next cannot be read, and the connection is closed. */
  take(chunk: Buffer): boolean
  end(): void
}

/** What one connection gives to its taker: no faster than it can be written, and not for so long at once that others wait. */
export class PacedStream {
  readonly #socket: Socket
  readonly #taker: StreamTaker
  readonly #target: Target
  readonly #stats: IntakeStats
  /** While something that came waits to be taken. */
  #waiting: Promise<void> | undefined
  #wake: () => void = () => {}

  constructor(socket: Socket, taker: StreamTaker, target: Target, stats: IntakeStats) {
    this.#socket = socket
    this.#taker = taker
    this.#target = target
    this.#stats = stats
  }

  take(chunk: Buffer): void {
    const at = this.#takePieces(chunk, 0)
    if (at < chunk.length || this.#mustWait()) this.#waiting = this.#takeRest(chunk, at)
  }

  /** Of a connection that is closed: takes what came before that. */
  async end(): Promise<void> {
    this.#wake()
    await this.#waiting
    this.#taker.end()
  }

  async #takeRest(chunk: Buffer, start: number): Promise<void> {
    this.#socket.pause()
    for (let at = start; at < chunk.length || this.#mustWait(); at = this.#takePieces(chunk, at)) {
      if (this.#isFull) await this.#room()
      else await nextTurn()
    }
    this.#socket.resume()
  }

  /** Returns where it stopped. */
  #takePieces(chunk: Buffer, start: number): number {
    let at = start
    while (at < chunk.length && !this.#mustWait()) {
      const end = endOfPiece(chunk, at)
      if (!this.#taker.take(chunk.subarray(at, end))) {
        this.#socket.destroy()
        return chunk.length
      }
      at = end
    }
    return at
  }

  #mustWait(): boolean {
    return this.#isFull || isTurnOver()
  }

  /** What has come is taken all the same when the connection is closed, as its values were sent. */
  get #isFull(): boolean {
    return this.#target.writer.isFull && !this.#socket.destroyed
  }

  /** Resolves when there may be room, or the connection is closed. */
  async #room(): Promise<void> {
    this.#stats.pauses++
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      void this.#target.writer.ready().then(resolve)
    })
  }
}

/** After a line where there is one, so that no line must be put together again. */
function endOfPiece(chunk: Buffer, start: number): number {
  if (chunk.length - start <= PIECE) return chunk.length
  const end = chunk.lastIndexOf(NEWLINE, start + PIECE - 1) + 1
  return end > start ? end : start + PIECE
}
