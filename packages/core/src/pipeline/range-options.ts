/** The options that select a part of what a name holds. */
export const RANGE_OPTIONS: readonly string[] = ['interval', 'start', 'end']
