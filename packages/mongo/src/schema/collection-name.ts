import { type StoreSchema, slugOf } from '@kairos/core/driver'

/** Of the name in a collection's name; together with the database's, MongoDB allows 255 bytes. */
const MOST_CHARACTERS = 100

/**
 * The collection of a timeseries: the one that the driver was given or that is called like the type, and beneath it one for each name and type:
 * `count.views`, `statistics.count.views`.
 */
export function collectionNameOf(
  given: string | undefined,
  { type, name }: { readonly type: string; readonly name?: StoreSchema['name'] },
): string {
  if (name === undefined) return given ?? type
  const named = `${type}.${slugOf(name, MOST_CHARACTERS)}`
  return given === undefined ? named : `${given}.${named}`
}
