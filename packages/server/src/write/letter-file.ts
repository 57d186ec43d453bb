import { appendFile, rename, stat } from 'node:fs/promises'
import { messageOf } from '@kairos/core/driver'
import type { DeadLetter } from './dead-letter.ts'

/** Characters that may wait for the disk. */
const MOST_WAITING = 4_000_000
/** Bytes of one file. */
const MOST_BYTES = 100_000_000

/**
 * Appends dead letters to a file, one JSON object a line. A file of 100 MB is renamed to `FILE.1`, in place of an older one, so that hostile senders
 * cannot fill the disk; what comes faster than the disk takes it is counted in a line of its own.
 */
export class LetterFile {
  readonly path: string
  #waiting: string[] = []
  #characters = 0
  #skipped = 0
  #writing: Promise<void> | undefined
  #isFailing = false

  constructor(path: string) {
    this.path = path
  }

  add(letter: DeadLetter): void {
    const line = `${JSON.stringify(letter)}\n`
    if (this.#characters + line.length > MOST_WAITING) this.#skipped++
    else {
      this.#waiting.push(line)
      this.#characters += line.length
    }
    this.#writing ??= this.#write()
  }

  async flush(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (this.#skipped > 0) this.#waiting.push(`${JSON.stringify({ skipped: this.#skipped })}\n`)
      const text = this.#waiting.join('')
      this.#waiting = []
      this.#characters = 0
      this.#skipped = 0
      try {
        await this.#rotate()
        await appendFile(this.path, text)
        this.#isFailing = false
      } catch (error) {
        if (!this.#isFailing) process.emitWarning(`the dead letters cannot be written: ${messageOf(error)}`)
        this.#isFailing = true
      }
    }
    this.#writing = undefined
  }

  async #rotate(): Promise<void> {
    const size = await stat(this.path).then(
      (found) => found.size,
      () => 0,
    )
    if (size >= MOST_BYTES) await rename(this.path, `${this.path}.1`)
  }
}
