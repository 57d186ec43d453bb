import { entryOf, Registers } from '../sketches/registers.ts'
import { RegistersSketch } from '../sketches/unique-sketch.ts'
import type { Accumulated, TypeRules } from './rules.ts'

/** About as many bytes cost as much as a number does. */
const BYTES = 8

/** How many distinct values there were, estimated. */
export function uniqueOf(precision: number): TypeRules {
  const registersOf = (change: Accumulated): Registers =>
    change instanceof Registers ? change : Registers.of(change as Uint8Array)
  const holds = (data: unknown): data is RegistersSketch =>
    data instanceof RegistersSketch && data.precision === precision
  return {
    idempotent: true,
    counts: false,
    many: false,
    prepare: (value) => entryOf(value, precision),
    accumulate: (change, entry) =>
      (change === undefined ? new Registers(precision) : registersOf(change)).add(entry as number),
    absorb: (change, later) => (change === undefined ? later : registersOf(change).merge(later as Uint8Array)),
    ordered: false,
    settle: (change) => (change instanceof Registers ? change.bytes : (change as Uint8Array)),
    size: (change) =>
      Math.ceil((change instanceof Registers ? change.mostLength : (change as Uint8Array).length) / BYTES),
    weight: () => 1,
    split: (change) => [change],
    empty: () => new RegistersSketch(new Registers(precision).bytes),
    emptyCost: BYTES,
    decode: (value) => new RegistersSketch(value as Uint8Array),
    ownData: true,
    show: (data) => (holds(data) ? data.count() : data),
    holds,
    merger() {
      const registers = new Registers(precision)
      let isData = false
      return {
        add(data) {
          isData = holds(data)
          registers.merge(holds(data) ? data.bytes : (data as Uint8Array))
        },
        result: () => (isData ? new RegistersSketch(registers.bytes) : registers.bytes),
      }
    },
    transforms: { known: [], named: () => (data) => data },
  }
}
