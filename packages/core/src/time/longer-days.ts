const SECONDS_IN_HOUR = 3_600
/** Zones that crossed the date line to its east: they had one day twice. */
const TWICE: readonly string[] = ['America/Juneau']

/** How many seconds the longest day of a zone, which may begin at any time of day, is longer than 24 hours; at most. */
export function longerDays(zone: string): number {
  if (zone === 'UTC') return 0
  // Clocks were never set back by more: Casey, in 2010.
  return (TWICE.includes(zone) ? 24 : 3) * SECONDS_IN_HOUR
}
