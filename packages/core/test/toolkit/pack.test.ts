import { describe, expect, it } from 'vitest'
import { pack } from '../../src/toolkit/pack.ts'

const limits = { weightOf: (weight: number) => weight, maxWeight: 10, maxItems: 3 }

describe('pack', () => {
  it('fills each list up to its weight and its number of items, in order', () => {
    expect([...pack([4, 6, 1, 1, 1, 1, 9, 1], limits)]).toEqual([[4, 6], [1, 1, 1], [1, 9], [1]])
  })

  it('gives an item that is too heavy a list of its own', () => {
    expect([...pack([1, 50, 1], limits)]).toEqual([[1], [50], [1]])
  })

  it('makes no list of nothing, and no list before it is asked for', () => {
    expect([...pack([], limits)]).toEqual([])
    let taken = 0
    const items = function* (): Generator<number> {
      for (; taken < 100; taken++) yield 5
    }
    expect(pack(items(), limits).next().value).toEqual([5, 5])
    expect(taken).toBe(2)
  })
})
