import type { Flag } from '../command.ts'

export interface StoreFlags {
  readonly store: Flag<'text'>
  readonly timeseries: Flag<'text'>
}

/** Which store, and which of its timeseries. */
export const storeFlags: StoreFlags = {
  store: { kind: 'text', value: 'url', summary: 'sqlite:metrics.db, redis://localhost, …' },
  timeseries: {
    kind: 'text',
    value: 'name',
    summary: 'which one, as discover shows it; not needed where there is one',
  },
}
