import type { DriverTest } from '../driver-test.ts'
import { claim, same } from '../internal/same.ts'
import { ALL, append, between, event, eventTest, expectEvents, keyOf, page, readAll } from './streams-of.ts'

/** More than a page may hold. */
const MANY = 10_500

export const readTests: readonly DriverTest[] = [
  eventTest('read: both ends of a range are included, keys of no event serve as bounds', async (opened) => {
    const events = [10, 20, 20, 30, 40].map((time, index) => event(time, `{"n":${index}}`, index))
    await append(opened, events)
    const cases = [
      { range: ALL, found: events },
      { range: { first: events[1]!.key, last: events[3]!.key }, found: events.slice(1, 4) },
      { range: { first: events[2]!.key, last: events[2]!.key }, found: [events[2]!] },
      { range: between(20, 20), found: events.slice(1, 3) },
      { range: between(11, 39), found: events.slice(1, 4) },
      { range: between(41, 99), found: [] },
      { range: between(31, 39), found: [] },
      { range: { first: keyOf(40), last: keyOf(10) }, found: [] },
      { range: { first: ALL.last, last: ALL.first }, found: [] },
    ]
    for (const { range, found } of cases) await expectEvents(opened, found, JSON.stringify(range), range)
  }),
  eventTest('read: the limit counts from the end where the order begins', async (opened) => {
    const events = Array.from({ length: 9 }, (_, index) => event(index))
    await append(opened, events)
    const keys = events.map(({ key }) => key)
    const inner = { first: keys[1]!, last: keys[7]! }
    same((await page(opened.storage, opened.stream, { ...inner, limit: 3 })).keys, keys.slice(1, 4), 'ascending')
    const descending = await page(opened.storage, opened.stream, { ...inner, limit: 3, order: 'descending' })
    same(descending.keys, [keys[7], keys[6], keys[5]], 'descending')
    const exact = await page(opened.storage, opened.stream, { ...inner, limit: 7 })
    same(exact.keys, keys.slice(1, 8), 'a limit of just as many as there are')
    const more = await page(opened.storage, opened.stream, { ...inner, limit: 6 })
    claim(!more.done, 'a page of 6 of 7 events is not the last')
    const all = await page(opened.storage, opened.stream, { ...inner, limit: 10_000 })
    claim(all.done || all.events.length > 0, 'a page of all')
  }),
  eventTest('read: pages of every size go through all events once, in both orders', async (opened) => {
    const events = Array.from({ length: 60 }, (_, index) => event(index >> 2, `{"n":${index}}`, index & 3))
    await append(opened, events)
    for (const limit of [1, 2, 3, 59, 60, 61]) {
      same(await readAll(opened.storage, opened.stream, { limit }), events, `pages of ${limit}`)
      const descending = await readAll(opened.storage, opened.stream, { limit, order: 'descending' })
      same(descending, [...events].reverse(), `pages of ${limit}, descending`)
    }
  }),
  eventTest('read: pages are bounded by the characters of their bodies', async (opened) => {
    const sizes = [10, 100_000, 10, 10, 200_000, 200_000, 10, 300_000]
    const events = sizes.map((size, index) => event(index, `{"text":"${'x'.repeat(size)}"}`))
    for (const each of events) await append(opened, [each])
    for (const maxLength of [1, 21, 42, 50, 150_000, 250_000, 1_000_000]) {
      for (const order of ['ascending', 'descending'] as const) {
        const read = await readAll(opened.storage, opened.stream, { maxLength, order })
        const expected = order === 'ascending' ? events : [...events].reverse()
        same(
          read.map(({ key, body }) => [key, body.length]),
          expected.map(({ key, body }) => [key, body.length]),
          `pages of ${maxLength} characters, ${order}`,
        )
      }
    }
  }),
  eventTest('keyAt, if present: the key at each position in a range, and null after the last', async (opened) => {
    const { storage, stream } = opened
    if (storage.keyAt === undefined) return
    const events = Array.from({ length: 20 }, (_, index) => event(index >> 1, `{"n":${index}}`, index & 1))
    await append(opened, events)
    const keys = events.map(({ key }) => key)
    const cases = [
      { range: ALL, found: keys },
      { range: { first: keys[3]!, last: keys[17]! }, found: keys.slice(3, 18) },
      { range: { first: keys[5]!, last: keys[5]! }, found: [keys[5]!] },
      { range: between(3, 4), found: keys.slice(6, 10) },
      { range: between(11, 39), found: [] },
      { range: { first: ALL.last, last: ALL.first }, found: [] },
    ]
    for (const { range, found } of cases) {
      for (const index of [0, 1, found.length - 1, found.length, 9_999]) {
        if (index < 0) continue
        same(
          await storage.keyAt(stream, range, index),
          found[index] ?? null,
          `${JSON.stringify(range)}: place ${index}`,
        )
      }
    }
    same(await storage.keyAt(`${stream}-none`, ALL, 0), null, 'of a stream that is not there')
  }),
  eventTest('read: a stream of 10,500 events, a third of them at one time, by pages of 1,000', async (opened) => {
    const events = Array.from({ length: MANY }, (_, index) => {
      const year = BigInt(Math.max(0, index - MANY / 3)) * 315_576_000_000n
      return event(year, `{"n":${index}}`, index)
    })
    for (let index = 0; index < events.length; index += 1_000) await append(opened, events.slice(index, index + 1_000))
    const read = await readAll(opened.storage, opened.stream, { limit: 1_000 })
    same(read.length, events.length, 'the number of events')
    claim(
      read.every(({ key, body }, index) => key === events[index]!.key && body === events[index]!.body),
      'each event is the one that was written, in its order',
    )
    same(await opened.storage.count(opened.stream, ALL), MANY, 'count')
    const newest = await page(opened.storage, opened.stream, { order: 'descending', limit: 3 })
    same(newest.events, events.slice(-3).reverse(), 'the newest three')
    same(await opened.storage.delete(opened.stream, ALL), MANY, 'deleted')
    await expectEvents(opened, [], 'after all were deleted')
  }),
]
