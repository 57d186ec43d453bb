import { KairosError } from '@kairos/core'

/** @throws KAIROS_INVALID_CONFIG for a prefix that scripts could not see */
export function refuseKeyPrefix(path: string, keyPrefix: unknown): void {
  if (keyPrefix === undefined || keyPrefix === '') return
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    `${path} must be empty, since it would separate keys that belong together; use the option prefix of redisDriver`,
    { path, driver: 'redis' },
  )
}
