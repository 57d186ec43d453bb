/** What processes move that are killed. */
export const killedConfig = {
  type: 'count',
  intervals: { minute: { step: 60 }, day: { step: 'daily', resolution: 60 } },
} as const
