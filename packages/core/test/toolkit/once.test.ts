import { describe, expect, it } from 'vitest'
import { once } from '../../src/toolkit/once.ts'

describe('once', () => {
  it('makes one for all who ask', async () => {
    let made = 0
    const ask = once(async () => ++made)
    expect(ask.made).toBeUndefined()
    expect(await Promise.all([ask(), ask()])).toEqual([1, 1])
    expect(await ask.made).toBe(1)
  })

  it('makes another after a failure', async () => {
    let asked = 0
    const ask = once(async () => {
      if (++asked === 1) throw new Error('not yet')
      return asked
    })
    await expect(Promise.all([ask(), ask()])).rejects.toThrow('not yet')
    expect(ask.made).toBeUndefined()
    expect(await ask()).toBe(2)
  })

  it('keeps what was made after it let go of another that fails later', async () => {
    const failures: ((error: Error) => void)[] = []
    let asked = 0
    const ask = once(() =>
      ++asked === 1 ? new Promise((_, reject) => failures.push(reject)) : Promise.resolve('second'),
    )
    const first = ask()
    ask.forget()
    const second = ask()
    failures[0]!(new Error('the first'))
    await expect(first).rejects.toThrow('the first')
    expect(ask.made).toBe(second)
  })
})
