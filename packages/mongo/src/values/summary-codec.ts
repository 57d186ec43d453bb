import { isRecord, type SummaryValue } from '@kairos/core/driver'
import type { MongoModule } from '../connection/client.ts'
import { Damaged } from './damaged.ts'
import { numberIn, timesIn } from './scalar-codec.ts'

/** A summary in a document: `{ n, sum, min, max, last, at }`, all doubles. */
interface SummaryCodec {
  encode(value: unknown): object
  /** @throws Damaged */
  decode(value: unknown): SummaryValue
  /** The summary at `field` with the change, as an expression of an aggregation: each of its numbers is computed from the document as it was. */
  changed(change: unknown, field: string): object
}

export function createSummaryCodec(Double: MongoModule['Double']): SummaryCodec {
  return {
    encode(value) {
      const { count, sum, min, max, last, lastAt } = value as SummaryValue
      const double = (number: number): object => new Double(number)
      return {
        n: double(count),
        sum: double(sum),
        min: double(min),
        max: double(max),
        last: double(last),
        at: double(lastAt),
      }
    },
    decode(value) {
      if (!isRecord(value)) throw new Damaged('a summary', 'an object', value)
      const { n, sum, min, max, last, at } = value
      return {
        count: timesIn(n),
        sum: numberIn(sum),
        min: numberIn(min),
        max: numberIn(max),
        last: numberIn(last),
        lastAt: numberIn(at),
      }
    },
    changed(change, field) {
      const { count, sum, min, max, last, lastAt } = change as SummaryValue
      const old = (own: string): string => `$${field}.${own}`
      const added = (own: string, number: number): object => ({
        $add: [{ $ifNull: [old(own), 0] }, new Double(number)],
      })
      const at = new Double(lastAt)
      return {
        n: added('n', count),
        sum: added('sum', sum),
        // What is missing is ignored by $min and $max, and less than any number.
        min: { $min: [old('min'), new Double(min)] },
        max: { $max: [old('max'), new Double(max)] },
        last: { $cond: [{ $gt: [old('at'), at] }, old('last'), new Double(last)] },
        at: { $max: [old('at'), at] },
      }
    },
  }
}
