import { KairosError } from './errors.ts'
import { CONFIG } from './internal/config-key.ts'
import { describe } from './internal/describe.ts'
import { isFunction, isObject } from './internal/kinds.ts'
import type { CheckedConfig } from './settings.ts'

/**
 * The checked configuration that a timeseries was created with, or an object that reads like one: defaults filled in, steps in seconds or as words.
 * @throws KAIROS_INVALID_CONFIG for anything else
 * @example `configOf(views).type // 'count'`
 */
export function configOf(timeseries: unknown): CheckedConfig {
  const own = isObject(timeseries) && (timeseries as { readonly [CONFIG]?: unknown })[CONFIG]
  if (isFunction(own)) return own() as CheckedConfig
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    `a timeseries must be one of createTimeseries, not ${describe(timeseries)}`,
    {
      value: timeseries,
    },
  )
}
