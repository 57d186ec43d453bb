import type { DriverTest } from '../driver-test.ts'
import { same } from '../internal/same.ts'
import { ALL, append, between, event, eventTest, expectEvents, openedEvents } from './streams-of.ts'

export const deleteTests: readonly DriverTest[] = [
  eventTest('delete: deletes the range, both ends included, returns how many, and keeps the rest', async (opened) => {
    const events = Array.from({ length: 20 }, (_, index) => event(index))
    await append(opened, events)
    same(await opened.storage.delete(opened.stream, between(5, 9)), 5, 'of a range of five')
    same(await opened.storage.delete(opened.stream, between(5, 9)), 0, 'of the same range again')
    same(await opened.storage.delete(opened.stream, between(12, 11)), 0, 'of a range that ends before it begins')
    same(await opened.storage.delete(opened.stream, between(30, 40)), 0, 'of a range without events')
    await expectEvents(opened, [...events.slice(0, 5), ...events.slice(10)], 'after the deletes')
    same(await opened.storage.delete(opened.stream, ALL), 15, 'of all that is left')
    await expectEvents(opened, [], 'after everything was deleted')
  }),
  eventTest('delete: one event by its key, among others of its time', async (opened) => {
    const events = [0, 1, 2].map((tail) => event(7, `{"n":${tail}}`, tail))
    await append(opened, events)
    const { key } = events[1]!
    same(await opened.storage.delete(opened.stream, { first: key, last: key }), 1, 'by key')
    await expectEvents(opened, [events[0]!, events[2]!], 'after one of three was deleted')
  }),
  eventTest('delete: an event may be appended again, by any instance', async (opened, context) => {
    const other = await openedEvents(context, { ...opened, instance: 1 })
    for (let round = 0; round < 4; round++) {
      const [writer, deleter] = round % 2 === 0 ? [opened.storage, other] : [other, opened.storage]
      const body = `{"round":${round}}`
      same(await writer.append(opened.stream, [event(1, body), event(2, body)]), [true, true], `round ${round}: append`)
      await expectEvents(opened, [event(1, body), event(2, body)], `round ${round}`)
      same(await deleter.delete(opened.stream, ALL), 2, `round ${round}: delete`)
      await expectEvents(opened, [], `round ${round}, deleted`)
    }
  }),
  eventTest('delete: of 5,000 events', async (opened) => {
    for (let index = 0; index < 5_000; index += 1_000) {
      await append(
        opened,
        Array.from({ length: 1_000 }, (_, offset) => event(index + offset)),
      )
    }
    same(await opened.storage.delete(opened.stream, between(0, 2_499)), 2_500, 'the older half')
    same(await opened.storage.count(opened.stream, between(2_500, 5_000)), 2_500, 'the younger half is there')
    same(await opened.storage.delete(opened.stream, between(2_400, 4_998)), 2_499, 'all but the last')
    await expectEvents(opened, [event(4_999)], 'the last')
  }),
]
