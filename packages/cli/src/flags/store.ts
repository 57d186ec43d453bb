import type { Flag } from '../command.ts'

export interface PlaceFlags {
  readonly store: Flag<'text'>
  readonly config: Flag<'texts'>
}
export interface StoreFlags extends PlaceFlags {
  readonly timeseries: Flag<'text'>
}

/** Which store, and whose configuration. */
export const placeFlags: PlaceFlags = {
  store: {
    kind: 'text',
    value: 'url',
    summary: 'sqlite:metrics.db, redis://localhost, …; or the name of a store in the configuration',
  },
  config: {
    kind: 'texts',
    value: 'file',
    summary: 'a configuration; default: kairos.config.ts, .js, .mjs or .json in this folder',
  },
}

/** And which of its timeseries. */
export const storeFlags: StoreFlags = {
  ...placeFlags,
  timeseries: {
    kind: 'text',
    value: 'name',
    summary: 'which one, as discover shows it; not needed if there is only one',
  },
}
