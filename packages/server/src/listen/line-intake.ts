import type { ServerLimits } from '../http/limits.ts'
import type { DeadLetters } from '../write/dead-letters.ts'
import { FAULTS, type Fault } from '../write/reasons.ts'
import type { Source } from '../write/source.ts'
import type { Writer } from '../write/writer.ts'
import type { Lines, LineTaker } from './line-stream.ts'

/** Where listeners put what they take. The writer and the limits change when the configuration does. */
export interface Target {
  readonly writer: Writer
  readonly limits: ServerLimits
  readonly deadLetters: DeadLetters
}

/** Takes one line: adds its values, and says what is wrong with it. */
type TakeLine = (bytes: Buffer, start: number, end: number, writer: Writer, source: Source) => Fault | undefined

/** Takes lines of the most usual form: see `LineTaker`. What is wrong with a value is given to `reject`. */
export type TakeUsual = (lines: Lines, writer: Writer, reject: Reject) => number

/** Of a piece of bytes. */
type Reject = (fault: Fault, bytes: Buffer, start: number, end: number) => void

/** A protocol of lines. */
export interface LineForm {
  readonly take: TakeLine
  /** For one source; absent: each line is taken by itself. */
  readonly usual?: (source: Source) => TakeUsual
}

/** Takes lines from a source; what is wrong with them becomes a dead letter. */
export function lineIntake({ take, usual }: LineForm, target: Target, source: Source): LineTaker {
  const reject: Reject = (fault, bytes, start, end) => {
    source.stats.rejected++
    target.deadLetters.addBytes(fault, `${source.listener} ${source.peer}`, bytes, start, end)
  }
  const takeUsual = usual?.(source)
  return {
    ...(takeUsual && { usual: (lines) => takeUsual(lines, target.writer, reject) }),
    line(bytes, start, end) {
      const last = end > start && bytes[end - 1] === 13 ? end - 1 : end
      if (last === start) return
      const fault = take(bytes, start, last, target.writer, source)
      if (fault !== undefined) reject(fault, bytes, start, last)
    },
    tooLong: (bytes, start, end) => reject(FAULTS.tooLong, bytes, start, end),
    incomplete: (bytes, start, end) => reject(FAULTS.incomplete, bytes, start, end),
  }
}
