import { zoneOffset } from './zone-offset.ts'

/** A moment in ISO 8601, by the clocks of a zone: `2024-02-29T13:00:00+01:00`. */
export function showTime(seconds: number, zone: string): string {
  const offset = zoneOffset(zone, seconds)
  const local = new Date((seconds + offset) * 1000).toISOString().replace('.000Z', 'Z')
  return zone === 'UTC' ? local : local.replace('Z', showOffset(offset))
}

/** Zones of old had offsets with seconds. */
function showOffset(offset: number): string {
  const size = Math.abs(offset)
  const parts = [Math.floor(size / 3600), Math.floor((size % 3600) / 60), ...(size % 60 === 0 ? [] : [size % 60])]
  return (offset < 0 ? '-' : '+') + parts.map((part) => String(part).padStart(2, '0')).join(':')
}
