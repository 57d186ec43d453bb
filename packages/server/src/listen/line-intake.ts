import type { ServerLimits } from '../http/limits.ts'
import type { DeadLetters } from '../write/dead-letters.ts'
import { FAULTS, type Fault } from '../write/reasons.ts'
import type { Source } from '../write/source.ts'
import type { Writer } from '../write/writer.ts'
import type { LineTaker } from './line-stream.ts'

/** Where listeners put what they take. The writer and the limits change when the configuration does. */
export interface Target {
  readonly writer: Writer
  readonly limits: ServerLimits
  readonly deadLetters: DeadLetters
}

/** Takes one line: adds its values, and says what is wrong with it. */
export type TakeLine = (bytes: Buffer, start: number, end: number, writer: Writer, source: Source) => Fault | undefined

/** Takes lines from a source; what is wrong with them becomes a dead letter. */
export function lineIntake(takeLine: TakeLine, target: Target, source: Source): LineTaker {
  const reject = (fault: Fault, bytes: Buffer, start: number, end: number): void => {
    source.stats.rejected++
    target.deadLetters.addBytes(fault, `${source.listener} ${source.peer}`, bytes, start, end)
  }
  return {
    line(bytes, start, end) {
      const last = end > start && bytes[end - 1] === 13 ? end - 1 : end
      if (last === start) return
      const fault = takeLine(bytes, start, last, target.writer, source)
      if (fault !== undefined) reject(fault, bytes, start, last)
    },
    tooLong: (bytes, start, end) => reject(FAULTS.tooLong, bytes, start, end),
    incomplete: (bytes, start, end) => reject(FAULTS.incomplete, bytes, start, end),
  }
}
