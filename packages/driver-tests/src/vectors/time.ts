import { bucketing, type StepForm } from '@kairos/core'
import type { DriverTest } from '../driver-test.ts'
import { same } from '../internal/same.ts'
import { linesOf } from './lines.ts'

interface TimeVector {
  readonly step: StepForm
  readonly fn: 'toBucket' | 'fromBucket' | 'buckets' | 'stepSize'
  readonly args: number[]
  readonly result: number | readonly number[]
}

/** Buckets come from core, not from the driver: if they agree with the vectors, the kit was made for this core. */
export const timeTest: DriverTest = {
  title: 'vectors: the bucket arithmetic of the installed core',
  async run() {
    for (const { step, fn, args, result } of linesOf<TimeVector>('time.jsonl')) {
      const calculator = bucketing(step)
      const call = calculator[fn] as (...numbers: number[]) => number | readonly number[]
      same(call.apply(calculator, args), result, `bucketing(${JSON.stringify(step)}).${fn}(${args.join(', ')})`)
    }
  },
}
