import type { Step } from '../../time/step.ts'

const DAY = 86_400

/** The steps that people expect on an axis, ascending, as they are written. */
export const USUAL_STEPS = [
  '1s',
  '2s',
  '5s',
  '10s',
  '15s',
  '30s',
  '1min',
  '2min',
  '5min',
  '10min',
  '15min',
  '30min',
  '1h',
  '2h',
  '3h',
  '6h',
  '12h',
  'daily',
  'iso-weekly',
  'monthly',
  'quarterly',
  'yearly',
] as const

/** A step that `query` may choose. */
export type UsualStep = (typeof USUAL_STEPS)[number]

/** The mean lengths of the calendar's buckets, in seconds. */
const MEAN: Readonly<Record<Exclude<Step, number>, number>> = {
  daily: DAY,
  weekly: (DAY * 365.2425) / 53,
  'iso-weekly': 7 * DAY,
  monthly: (DAY * 365.2425) / 12,
  quarterly: (DAY * 365.2425) / 4,
  yearly: DAY * 365.2425,
}

/** About how long the buckets of a step are, in seconds. */
export function lengthOf(step: Step): number {
  return typeof step === 'number' ? step : MEAN[step]
}
