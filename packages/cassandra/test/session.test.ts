import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { CassandraClientLike, CassandraExecuteOptions } from '../src/connection/client.ts'
import { faultOf } from '../src/connection/lost-answers.ts'
import { pagesByBytes } from '../src/connection/page-size.ts'
import { RequestSlots } from '../src/connection/request-slots.ts'
import type { RetryPolicyLike } from '../src/connection/retry-policy.ts'
import { Session } from '../src/connection/session.ts'

const SETTINGS = { consistency: { read: 6, write: 6, strong: true }, timeout: 300, concurrency: 8, pageRows: 100 }
const STATEMENT = [{ query: 'INSERT', values: [] }]
const UNAVAILABLE = Object.assign(new Error('not enough replicas'), { code: 0x1000 })
const CUT = Object.assign(new Error('Socket was closed'), { isSocketError: true })
const INVALID = Object.assign(new Error('Undefined column name'), { code: 0x2200 })
const noHost = (innerErrors: object): Error =>
  Object.assign(new Error('All host(s) tried for query failed'), { name: 'NoHostAvailableError', innerErrors })

/** A write's options. */
type SentOptions = CassandraExecuteOptions & { readonly retry: RetryPolicyLike }

/** A session whose client gets each of these answers in turn, then the last one again and again. */
function sessionOf(...answers: ((options: SentOptions) => Promise<unknown>)[]) {
  const sent: SentOptions[] = []
  const execute = (_query: string, _params: unknown[], options: SentOptions) => {
    sent.push(options)
    return answers[Math.min(sent.length, answers.length) - 1]!(options)
  }
  const client = { execute, connect: async () => {}, shutdown: async () => {}, batch: execute }
  return { session: new Session(client as unknown as CassandraClientLike, SETTINGS), sent }
}
const rejecting = (error: unknown) => () => Promise.reject(error)
const silent = () => new Promise<never>(() => {})
const done = async () => ({})

describe('what a client error says about the request', () => {
  it.each([
    ['a node that was not asked', noHost({ 'a:1': 'Host considered as DOWN' }), true],
    ['a pool without a connection', noHost({ 'a:1': new Error('No connection available') }), true],
    ['too few replicas', UNAVAILABLE, true],
    [
      'a connection that was refused',
      noHost({ 'a:1': Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }) }),
      true,
    ],
    ['a request that stayed in the queue', { ...CUT, requestNotWritten: true }, true],
    ['an answer that was cut', noHost({ 'a:1': CUT }), false],
    ['one of two nodes that was asked', noHost({ 'a:1': 'Host considered as DOWN', 'b:1': CUT }), false],
    ['an unknown error', new Error('?'), false],
  ])('%s', (_title, error, notApplied) => {
    expect(faultOf(error)).toEqual({ notApplied, retry: 'later' })
  })
})

describe('a write', () => {
  it('in doubt is repeated under its timestamp until it is known to be applied', async () => {
    const { session, sent } = sessionOf(rejecting(CUT), rejecting(noHost({ a: 'Host considered as DOWN' })), done)
    await session.write(STATEMENT, 7)
    expect(sent.map(({ timestamp }) => timestamp)).toEqual([7, 7, 7])
  })

  it('that waits for its turn longer than the time limit is not sent, and not in doubt', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const { session, sent } = sessionOf(silent)
    const all = Array.from({ length: SETTINGS.concurrency + 1 }, () => session.write(STATEMENT, 7))
    const settled = Promise.allSettled(all)
    await vi.advanceTimersByTimeAsync(SETTINGS.timeout)
    const failures = (await settled).map((one) => (one as PromiseRejectedResult).reason)
    expect(failures.map(({ inDoubt }) => inDoubt)).toEqual([...Array(SETTINGS.concurrency).fill(true), false])
    expect(sent.length).toBe(SETTINGS.concurrency)
  })

  it('that may no longer be sent when its turn comes is not sent', async () => {
    const { session, sent } = sessionOf(done)
    await expect(session.write(STATEMENT, 7, () => false)).rejects.toMatchObject({ inDoubt: false })
    expect(sent).toEqual([])
  })

  it('that was never sent is not in doubt, and is left to core', async () => {
    const { session, sent } = sessionOf(rejecting(noHost({ a: 'Host considered as DOWN' })))
    await expect(session.write(STATEMENT, 7)).rejects.toMatchObject({ inDoubt: false, retry: 'later' })
    expect(sent.length).toBe(1)
  })

  it('that one node may have applied stays in doubt even if another rejects it', async () => {
    const { session } = sessionOf(({ retry }) => {
      retry.onRequestError({ nbRetry: 0 }, 6, CUT)
      return Promise.reject(INVALID)
    })
    await expect(session.write(STATEMENT, 7)).rejects.toMatchObject({ inDoubt: true, retry: 'never' })
  })

  it('is not sent to another node when it may not be repeated', async () => {
    let allowed = true
    const { session } = sessionOf(({ retry }) => {
      allowed = false
      const { decision } = retry.onRequestError({ nbRetry: 0 }, 6, CUT)
      return Promise.reject(decision === 0 ? CUT : new Error('was repeated'))
    })
    await expect(session.write(STATEMENT, 7, () => allowed)).rejects.toMatchObject({ cause: CUT })
  })

  it('ends in time without an answer, and so does a read', async () => {
    const { session, sent } = sessionOf(silent)
    await expect(session.write(STATEMENT, 7)).rejects.toMatchObject({ inDoubt: true, retry: 'later' })
    await expect(session.firstRow('SELECT', [])).rejects.toMatchObject({ retry: 'later' })
    await expect(session.transact([{ query: 'UPDATE', values: [] }])).rejects.toMatchObject({ retry: 'later' })
    await expect(session.timed.connect()).resolves.toBeUndefined()
    expect(sent[0]!.readTimeout).toBe(150)
  })

  it('names each node that was tried, with its reason', async () => {
    const { session } = sessionOf(rejecting(noHost({ 'a:1': 'Host considered as DOWN', 'b:1': new Error('full') })))
    await expect(session.firstRow('SELECT', [])).rejects.toThrow('a:1: Host considered as DOWN; b:1: full')
  })
})

describe('pages', () => {
  it('of rows of any size start small, then hold about a megabyte', () => {
    const paging = pagesByBytes(({ size }) => size as number, 5_000)
    const rowsOf = (...sizes: number[]) => sizes.map((size) => ({ size }))
    const { first } = paging
    expect(first.rows).toBeLessThanOrEqual(32)
    expect(paging.after(first, rowsOf(10, 10)).rows).toBe(1_024)
    expect(paging.after(paging.after(first, rowsOf(10)), rowsOf(10)).rows).toBe(5_000)
    const wide = paging.after(first, rowsOf(10, 100_000, 10))
    expect(wide.rows).toBe(9)
    expect(wide.slots).toBeGreaterThan(10)
    expect(paging.after(first, rowsOf(16_000_000))).toMatchObject({ rows: 1 })
  })
})

describe('request slots', () => {
  it('limit what is in flight, in order; a request heavier than all of them runs alone', async () => {
    const slots = new RequestSlots(4)
    const begun: string[] = []
    const ends = new Map<string, () => void>()
    const use = (name: string, weight: number): Promise<void> =>
      slots.use(weight, () => {
        begun.push(name)
        return new Promise<void>((resolve) => ends.set(name, resolve))
      })
    const all = [use('a', 2), use('b', 1), use('heavy', 9), use('c', 1)]
    expect(begun).toEqual(['a', 'b'])
    ends.get('a')!()
    await all[0]
    expect(begun, 'no request overtakes another').toEqual(['a', 'b'])
    ends.get('b')!()
    await expect.poll(() => begun).toEqual(['a', 'b', 'heavy'])
    ends.get('heavy')!()
    await expect.poll(() => begun).toEqual(['a', 'b', 'heavy', 'c'])
    ends.get('c')!()
    await Promise.all(all)
  })
})
