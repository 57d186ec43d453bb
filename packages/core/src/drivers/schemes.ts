import { KairosError } from '../errors.ts'
import { describePlace } from '../internal/describe-place.ts'

/** The schemes of the stores that Kairos itself has drivers for. */
export const SCHEMES: readonly string[] =
  'memory redis rediss redis+cluster redis+sentinel mongodb mongodb+srv sqlite postgres postgresql mysql mariadb pglite cassandra cql'.split(
    ' ',
  )

/**
 * The scheme of a store's URL.
 * @throws KAIROS_INVALID_CONFIG
 */
export function schemeOf(url: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  if (scheme === undefined) {
    throw new KairosError(
      'KAIROS_INVALID_CONFIG',
      `the store must be a URL like sqlite:data.db, redis://localhost or memory:, not ${describePlace(url)}`,
      { path: 'store', known: SCHEMES },
    )
  }
  return scheme
}
