import { isRecord } from './kinds.ts'

/** An object as it is now, where it is used later than it was given; anything else as it is. */
export function kept(value: unknown): unknown {
  return isRecord(value) ? { ...value } : value
}
