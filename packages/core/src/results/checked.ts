import { KairosError } from '../errors.ts'
import { isMap } from '../internal/collections.ts'
import { describe } from '../internal/describe.ts'

/**
 * The entries of a result, in its order.
 * @throws KAIROS_INVALID_VALUE if it is not a Map of numbers and nulls
 */
export function* entriesOf<Key>(result: ReadonlyMap<Key, number | null>): Generator<[Key, number | null]> {
  if (!isMap(result)) throw invalid(`a result must be a Map, not ${describe(result)}`, result)
  for (const [key, value] of result) {
    if (value !== null && typeof value !== 'number') {
      throw invalid(
        `a result must hold numbers or null, not ${describe(value)}; use a transform that makes one, and Number() for a bigint`,
        value,
      )
    }
    yield [key, value]
  }
}

function invalid(message: string, value: unknown): KairosError {
  return new KairosError('KAIROS_INVALID_VALUE', message, { value })
}
