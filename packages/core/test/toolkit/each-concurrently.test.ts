import { describe, expect, it } from 'vitest'
import { eachConcurrently } from '../../src/toolkit/each-concurrently.ts'

/** Numbers from 0 on, and how many of them were taken. */
function counting(most: number) {
  const counted = { taken: 0, ended: false }
  async function* items(): AsyncGenerator<number> {
    try {
      while (counted.taken < most) yield counted.taken++
    } finally {
      counted.ended = true
    }
  }
  return { counted, items: items() }
}

describe('eachConcurrently', () => {
  it('works on all items, on a limited number at a time', async () => {
    const { items } = counting(20)
    const done: number[] = []
    let running = 0
    let most = 0
    await eachConcurrently(3, items, async (item) => {
      most = Math.max(most, ++running)
      await new Promise(setImmediate)
      running--
      done.push(item)
    })
    expect(most).toBe(3)
    expect(done.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index))
  })

  it('takes no more items after a failure, and rejects with it once nothing is running', async () => {
    const { items, counted } = counting(1_000)
    const failure = new Error('failed')
    let running = 0
    const work = async (item: number): Promise<void> => {
      running++
      await new Promise(setImmediate)
      if (item !== 1) await new Promise(setImmediate)
      running--
      if (item === 1) throw failure
    }
    await expect(eachConcurrently(4, items, work)).rejects.toBe(failure)
    expect(running).toBe(0)
    expect(counted.taken).toBeLessThan(10)
    expect(counted.ended).toBe(true)
  })
})
