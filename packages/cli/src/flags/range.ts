import type { Flag } from '../command.ts'

export interface RangeFlags {
  readonly start: Flag<'text'>
  readonly end: Flag<'text'>
}

/** From when to when. */
export const rangeFlags: RangeFlags = {
  start: { kind: 'text', value: 'time', summary: '2024-02-29T13:00, 1709211600, -24h, yesterday, "5 days ago"' },
  end: { kind: 'text', value: 'time', summary: 'the same forms; to the bucket that holds it' },
}

/** What the help says of times. */
export const TIMES: string = `Times: ISO 8601, in --zone unless it ends in Z or an offset; Unix seconds; now; -90s, -15min, -24h, -7d, -2w, -1m (a month of 30 days), -1y;
today, yesterday, tomorrow (the start of the day in --zone); 5 days ago; last week (7 days ago).`
