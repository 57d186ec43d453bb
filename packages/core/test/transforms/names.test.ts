import { describe, expect, it } from 'vitest'
import { failureOf } from '../support/failure.ts'
import { filled } from './filled.ts'

describe('a name that is not a percentile', () => {
  it.each([
    ['p05', 'p5'],
    ['p00', 'p0'],
    ['p99.90', 'p99.9'],
    ['p100.0', 'p100'],
    ['p50.', 'p50'],
    ['p1e1', 'p10'],
    ['P95', 'p95'],
    ['p95%', 'p95'],
    ['95', 'p95'],
    ['p_95', 'p95'],
    ['p999', 'p99.9'],
    ['p9999', 'p99.99'],
    ['median', 'p50'],
    ['avg', 'mean'],
    ['std', 'stddev'],
    ['varience', 'variance'],
    ['lst', 'last'],
    ['p101', undefined],
    ['p100.1', undefined],
    ['p-1', undefined],
    ['p', undefined],
    ['p0x10', undefined],
    ['p ', undefined],
    ['p٥', undefined],
    ['p5\n', 'p5'],
    ['p0 to p100', undefined],
    ['p12.1234567890123', undefined],
    ['pInfinity', undefined],
  ])('%j is refused, and %j suggested', async (name, near) => {
    const { transformed } = await filled('series', 'float', [])
    const error = await failureOf(() => transformed(name), 'KAIROS_UNKNOWN_TRANSFORM')
    const hint = near === undefined ? '' : `; did you mean "${near}"?`
    expect(error.message).toBe(
      `a series of float has no transform ${JSON.stringify(name)}; it has: count, rate, distinct, first, last, min, max, ` +
        `sum, mean, range, stddev, variance, p0 to p100${hint}`,
    )
  })

  it('suggests only what these values have', async () => {
    const { transformed } = await filled('set', 'inet', [])
    const error = await failureOf(() => transformed('median'), 'KAIROS_UNKNOWN_TRANSFORM')
    expect(error.message).toBe('a set of inet has no transform "median"; it has: count, rate, distinct')
  })
})
