import type { UniqueSketch } from '../api/sketches.ts'
import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { countOf } from './register-bytes.ts'
import { Registers } from './registers.ts'

/** What a cell of distinct values holds, for functions of callers; it never changes. */
export class RegistersSketch implements UniqueSketch {
  readonly precision: number
  /** As in a cell. Not private, so that assertions see in what two sketches differ. */
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.precision = bytes[1]!
    this.bytes = bytes
  }

  count(): number {
    return countOf(this.bytes)
  }

  merge(other: UniqueSketch): UniqueSketch {
    if (other instanceof RegistersSketch && other.precision === this.precision)
      return new RegistersSketch(Registers.of(this.bytes).merge(other.bytes).bytes)
    throw new KairosError(
      'KAIROS_INVALID_CONFIG',
      `merge must get a sketch of precision ${this.precision}, not ${describe(other)}`,
      { path: 'other', value: other },
    )
  }

  toJSON(): number {
    return this.count()
  }
}
