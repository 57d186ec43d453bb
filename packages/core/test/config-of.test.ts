import { describe, expect, it } from 'vitest'
import { configOf, settingsOf } from '../src/calls.ts'
import { createTimeseries } from '../src/index.ts'

describe('configOf', () => {
  it('gives the checked configuration of a timeseries', async () => {
    const hits = createTimeseries('memory:', { type: 'count', intervals: { hour: { step: '1h', steps: 24 } } })
    const config = configOf(hits)
    expect(config).toMatchObject({
      type: 'count',
      valueType: null,
      intervals: [{ name: 'hour', step: 3600, steps: 24 }],
    })
    expect((await settingsOf(config)).intervals[0]!.buckets.bucketOf(7200)).toBe(2)
  })

  it('refuses anything else', () => {
    for (const other of [null, {}, 'memory:', () => {}])
      expect(() => configOf(other)).toThrow('a timeseries must be one of createTimeseries, not ')
  })
})
