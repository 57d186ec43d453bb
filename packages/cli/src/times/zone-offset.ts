import { offsetIn } from '@kairos/core/calls'

const clocks = new Map<string, (seconds: number) => number>()

/** How far the clocks of a zone are ahead of UTC at a moment, in seconds. */
export function zoneOffset(zone: string, seconds: number): number {
  if (zone === 'UTC') return 0
  let offsetAt = clocks.get(zone)
  if (offsetAt === undefined) {
    offsetAt = offsetIn(zone)
    clocks.set(zone, offsetAt)
  }
  return offsetAt(Math.floor(seconds))
}
