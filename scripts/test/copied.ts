/** The timeseries that is copied from store to store. */
export const copied = {
  name: 'copied',
  type: 'histogram',
  valueType: 'string',
  intervals: { minute: { step: 60 }, day: { step: 'daily', resolution: '1h' } },
  now: () => 86_400,
  // For a busy machine.
  patience: 60_000,
} as const
