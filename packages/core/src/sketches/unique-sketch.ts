import type { UniqueSketch } from '../api/sketches.ts'
import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { Registers } from './registers.ts'

/** What a cell of distinct values holds, for functions of callers; it never changes. */
export class RegistersSketch implements UniqueSketch {
  readonly precision: number
  /** Not private, so that assertions see in what two sketches differ. */
  readonly registers: Registers

  constructor(registers: Registers) {
    this.precision = registers.precision
    this.registers = registers
  }

  count(): number {
    return this.registers.count
  }

  merge(other: UniqueSketch): UniqueSketch {
    if (other instanceof RegistersSketch && other.precision === this.precision)
      return new RegistersSketch(new Registers(this.precision).merge(this.registers).merge(other.registers))
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
