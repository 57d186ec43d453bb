import { describe, expect, it } from 'vitest'
import { worstRetry } from '../../src/toolkit/failures.ts'

describe('worstRetry', () => {
  it('is the least hopeful of several', () => {
    expect(worstRetry(['now', 'later', 'now'])).toBe('later')
    expect(worstRetry(['later', 'never', 'now'])).toBe('never')
    expect(worstRetry(['now'])).toBe('now')
    expect(worstRetry([])).toBe('now')
  })
})
