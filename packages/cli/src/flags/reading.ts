import type { Flag } from '../command.ts'

export interface TransformFlags {
  readonly transform: Flag<'list'>
  readonly fill: Flag<'text'>
  readonly maxGap: Flag<'whole'>
  readonly macro: Flag<'text'>
}
export interface BucketFlags extends TransformFlags {
  readonly interval: Flag<'text'>
  readonly every: Flag<'text'>
  readonly offset: Flag<'text'>
  readonly condense: Flag<'boolean'>
}

/** What all reads take. */
export const transformFlags: TransformFlags = {
  transform: {
    kind: 'list',
    value: 'names',
    summary: 'mean, p95, rate, …; several with commas; top:3 or share:>15 for a histogram',
  },
  fill: { kind: 'text', value: 'how', summary: 'buckets without data: none, null, a number, previous or linear' },
  maxGap: { kind: 'whole', value: 'buckets', summary: 'how many buckets in a row --fill previous or linear may fill' },
  macro: { kind: 'text', value: 'name', summary: 'options for reads, by their name in the configuration' },
}

/** What `get`, `series` and `iterate` take. */
export const bucketFlags: BucketFlags = {
  interval: { kind: 'text', value: 'name', summary: 'which interval; not needed if there is only one' },
  every: { kind: 'text', value: 'step', summary: 'merge into buckets of this step: 15min, 1h, daily, monthly, …' },
  offset: { kind: 'text', value: 'span', summary: 'with --every daily and longer: how long after midnight days begin' },
  condense: { kind: 'boolean', summary: 'merge the resolution buckets of each bucket' },
  ...transformFlags,
}

export const splitFlag: { readonly split: Flag<'boolean'> } = {
  split: { kind: 'boolean', summary: 'show each name separately instead of joining them' },
}
