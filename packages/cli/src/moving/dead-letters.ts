import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import type { DeadRow } from '@kairos/move'

/** Where rows go that do not fit. */
export interface DeadLetters {
  add(row: DeadRow): void
  /** Rejects if something could not be written. */
  close(): Promise<void>
}

/** Writes a line of JSON for each; a file that exists is added to. */
export function openDeadLetters(file: string): DeadLetters {
  const stream = createWriteStream(file, { flags: 'a' })
  const ended = finished(stream)
  // The first error is thrown by close.
  ended.catch(() => {})
  return {
    add: (row) => void stream.write(`${JSON.stringify(row)}\n`),
    async close() {
      stream.end()
      await ended
    },
  }
}
