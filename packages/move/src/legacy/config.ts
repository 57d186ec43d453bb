import { type CheckedConfig, parseStep } from '@kairos/core/calls'
import { invalidOption, isRecord } from '@kairos/core/driver'
import { checkedConfig } from '../cells/checked-config.ts'
import type { LegacyOptions } from './types.ts'

const TYPES: readonly unknown[] = ['series', 'histogram', 'count', 'gauge', 'set']
const INTERVAL_KEYS = ['step', 'steps', 'resolution']

/**
 * The configuration as core would check it, but that a resolution need not divide its step.
 * @throws KAIROS_INVALID_CONFIG
 */
export function legacyConfig({ type, valueType, intervals }: LegacyOptions): CheckedConfig {
  if (!TYPES.includes(type)) throw invalidOption({ path: 'type', expected: `one of ${TYPES.join(', ')}`, value: type })
  const resolutions = new Map<string, unknown>()
  const coarse = Object.entries(intervals ?? {}).map(([name, interval]) => {
    if (!isRecord(interval) || Object.keys(interval).some((key) => !INTERVAL_KEYS.includes(key)))
      throw invalidOption({
        path: `intervals.${name}`,
        expected: `an object of ${INTERVAL_KEYS.join(', ')}`,
        value: interval,
      })
    const { resolution, ...own } = interval
    resolutions.set(name, resolution)
    return [name, own] as const
  })
  const checked = checkedConfig({
    type,
    intervals: Object.fromEntries(coarse),
    ...(valueType !== undefined && { valueType }),
  })
  return {
    ...checked,
    intervals: checked.intervals.map((interval) => {
      const given = resolutions.get(interval.name)
      if (given === undefined || given === null) return interval
      const resolution = parseStep(given)
      if (resolution === null)
        throw invalidOption({
          path: `intervals.${interval.name}.resolution`,
          expected: 'a step, such as 60 or daily',
          value: given,
        })
      // Python stored both in one place.
      return { ...interval, resolution: resolution === interval.step ? null : resolution }
    }),
  }
}
