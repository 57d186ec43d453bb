import { KairosError } from '@kairos/core'

/**
 * The text of an environment variable, so that a secret need not stand in a configuration. `otherwise` is for a variable that is not set or empty.
 * @throws KAIROS_INVALID_CONFIG where there is neither
 * @example stores: { live: `redis://:${encodeURIComponent(env('REDIS_PASSWORD'))}@redis.example` }
 */
export function env(name: string, otherwise?: string): string {
  const { [name]: text = '' } = process.env
  if (text !== '') return text
  if (otherwise !== undefined) return otherwise
  throw new KairosError('KAIROS_INVALID_CONFIG', `the environment variable ${name} must be set`, { path: name })
}
