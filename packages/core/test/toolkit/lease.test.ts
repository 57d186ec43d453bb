import { describe, expect, it, vi } from 'vitest'
import { createLease, outlastLeases, type RecordState } from '../../src/toolkit/lease.ts'

/** No lease is ever valid: each check looks. */
const ALWAYS_LOOK = 0

function looking(...states: RecordState[]): { look: () => Promise<RecordState>; looks: () => number } {
  let looks = 0
  return { look: async () => states[Math.min(looks++, states.length - 1)]!, looks: () => looks }
}

/** A look that the test answers. */
function answered() {
  const answers: ((state: RecordState) => void)[] = []
  const look = () => new Promise<RecordState>((resolve) => answers.push(resolve))
  return { look, answers }
}

describe('a lease', () => {
  it('confirms an answer that came while it was young, and one that a later look finds under current records', async () => {
    const { look, looks } = looking('standing')
    expect(createLease(look, 3_600_000).confirm()).toBeUndefined()
    expect(looks()).toBe(0)
    await createLease(look, ALWAYS_LOOK).confirm()
    expect(looks()).toBe(1)
  })

  it('is over when the machine has slept, while only the clock on the wall went on', async () => {
    vi.resetModules()
    vi.useFakeTimers({ toFake: ['Date'] })
    const lease = (await import('../../src/toolkit/lease.ts')).createLease(looking('replaced').look, 3_600_000)
    expect(lease.check()).toBeUndefined()
    vi.setSystemTime(Date.now() + 3_600_000)
    await expect(lease.confirm()).rejects.toMatchObject({ configChanged: true })
    vi.useRealTimers()
  })

  it('does not confirm an answer by a look that began before it came', async () => {
    const { look, answers } = answered()
    const lease = createLease(look, ALWAYS_LOOK)
    const earlier = lease.check()
    const [one, two] = [lease.confirm(), lease.confirm()]
    expect(answers).toHaveLength(1)
    answers[0]!('standing')
    await earlier
    // One look for both.
    await expect.poll(() => answers.length).toBe(2)
    answers[1]!('replaced')
    await expect(one).rejects.toMatchObject({ configChanged: true })
    await expect(two).rejects.toMatchObject({ configChanged: true })
    await expect(lease.confirm()).rejects.toMatchObject({ configChanged: true })
    expect(answers).toHaveLength(2)
  })

  it('looks at nothing while it is young', () => {
    const { look, looks } = looking('replaced')
    const lease = createLease(look, 3_600_000)
    expect(lease.check()).toBeUndefined()
    expect(looks()).toBe(0)
  })

  it('is renewed while the records are unchanged, with one look for all that ask at once', async () => {
    const { look, looks } = looking('standing')
    const lease = createLease(look, ALWAYS_LOOK)
    await Promise.all([lease.check(), lease.check(), lease.check()])
    expect(looks()).toBe(1)
    await lease.check()
    expect(looks()).toBe(2)
  })

  it('waits, as core retries, while the records are being replaced', async () => {
    const lease = createLease(looking('closing', 'standing').look, ALWAYS_LOOK)
    await expect(lease.check()).rejects.toMatchObject({ retry: 'later' })
    await expect(lease.check()).resolves.toBeUndefined()
  })

  it('is over for good once the records were replaced', async () => {
    const { look, looks } = looking('replaced', 'standing')
    const lease = createLease(look, ALWAYS_LOOK)
    await expect(lease.check()).rejects.toMatchObject({ retry: 'never', configChanged: true })
    await expect(lease.check()).rejects.toMatchObject({ configChanged: true })
    expect(looks()).toBe(1)
  })

  it('looks again after a look that failed', async () => {
    let fails = true
    const lease = createLease(async () => {
      if (fails) throw new Error('no connection')
      return 'standing'
    }, ALWAYS_LOOK)
    await expect(lease.check()).rejects.toThrow('no connection')
    fails = false
    await expect(lease.check()).resolves.toBeUndefined()
  })

  it('is outlasted by a wait that a signal ends', async () => {
    const controller = new AbortController()
    const waiting = outlastLeases(3_600_000, controller.signal)
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
  })
})
