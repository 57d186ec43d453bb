/** Why something that was sent is not stored. */
export const REASONS = {
  malformed: 'is not what its protocol says',
  incomplete: 'ends before its line does',
  tooLong: 'is longer than a limit',
  name: 'has a name that cannot be stored',
  value: 'has a value that is not a finite number, or not one of its type',
  time: 'has a time that cannot be stored',
  unsupported: 'is of a kind that is not stored',
  unmatched: 'matches no timeseries that takes it',
  aggregates: 'has more aggregates than one name may have',
  map: 'was given to a map that failed',
  refused: 'is refused by its timeseries',
  overload: 'came over UDP while the buffers were full',
  store: 'was refused by the store',
  inDoubt: 'may or may not have been stored: the store did not answer',
} as const

export type Reason = keyof typeof REASONS

/** What is wrong with something that was sent. */
export interface Fault {
  readonly reason: Reason
  readonly message?: string
}

/** One for each reason, for what is common. */
export const FAULTS = Object.fromEntries(Object.keys(REASONS).map((reason) => [reason, { reason }])) as Readonly<
  Record<Reason, Fault>
>
