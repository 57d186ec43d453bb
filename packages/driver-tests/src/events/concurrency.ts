import type { DriverTest } from '../driver-test.ts'
import { claim, same } from '../internal/same.ts'
import { ALL, append, event, eventTest, expectEvents, openedEvents, page, readAll } from './streams-of.ts'

const ROUNDS = 20
/** Of those that list all streams twice. */
const LISTED = 10

export const concurrencyTests: readonly DriverTest[] = [
  eventTest('concurrency: one batch appended by two instances at once is stored once', async (opened, context) => {
    const other = await openedEvents(context, { ...opened, instance: 1 })
    for (let round = 0; round < ROUNDS; round++) {
      const events = Array.from({ length: 30 }, (_, index) => event(round * 100 + index))
      const answers = await Promise.all(
        [opened.storage, other, opened.storage].map((storage) => storage.append(opened.stream, events)),
      )
      for (const index of events.keys()) {
        const inserted = answers.filter((answer) => answer[index] === true).length
        claim(inserted >= 1, `round ${round}: nobody is said to have stored event ${index}`)
        if (opened.driver.capabilities.events?.atomic) same(inserted, 1, `round ${round}: who stored event ${index}`)
      }
    }
    same(await opened.storage.count(opened.stream, ALL), ROUNDS * 30, 'the number of events')
  }),
  eventTest('concurrency: if appends are atomic, a batch is visible as a whole', async (opened, context) => {
    if (opened.driver.capabilities.events?.atomic !== true) return
    const other = await openedEvents(context, { ...opened, instance: 1 })
    const size = 60
    let appending = true
    const appendAll = async (): Promise<void> => {
      for (let round = 0; round < ROUNDS; round++)
        await append(
          opened,
          Array.from({ length: size }, (_, index) => event(index * ROUNDS + round)),
        )
      appending = false
    }
    const look = async (): Promise<void> => {
      const count = await other.count(opened.stream, ALL)
      claim(count % size === 0, `${count} events show, of batches of ${size}`)
      const { events, done } = await page(other, opened.stream, {})
      claim(!done || events.length % size === 0, `a page of all shows ${events.length}, of batches of ${size}`)
    }
    await Promise.all([
      appendAll(),
      (async () => {
        while (appending) await look()
      })(),
    ])
    await look()
  }),
  eventTest("concurrency: writers of one stream lose none of each other's events", async (opened, context) => {
    const other = await openedEvents(context, { ...opened, instance: 1 })
    const writers = [opened.storage, other, opened.storage, other]
    const batchOf = (writer: number, round: number) =>
      Array.from({ length: 25 }, (_, index) => event((round * 25 + index) * writers.length + writer))
    await Promise.all(
      writers.map(async (storage, writer) => {
        for (let round = 0; round < ROUNDS; round++) await storage.append(opened.stream, batchOf(writer, round))
      }),
    )
    const total = writers.length * ROUNDS * 25
    const expected = Array.from({ length: total }, (_, time) => event(time))
    same(await readAll(opened.storage, opened.stream), expected, 'the events of all writers')
  }),
  eventTest(
    'concurrency: a read shows each event once, and every one that existed throughout',
    async (opened, context) => {
      const other = await openedEvents(context, { ...opened, instance: 1 })
      // Even times stay; odd ones come and go.
      const stable = Array.from({ length: 300 }, (_, index) => event(index * 2))
      await append(opened, stable)
      let reading = true
      const churn = async (): Promise<void> => {
        for (let round = 0; reading && round < 500; round++) {
          const passing = Array.from({ length: 20 }, (_, index) => event(((round * 37 + index * 13) % 300) * 2 + 1))
          await other.append(
            opened.stream,
            [...new Map(passing.map((each) => [each.key, each])).values()].sort((a, b) => (a.key < b.key ? -1 : 1)),
          )
          for (const { key } of passing) await other.delete(opened.stream, { first: key, last: key })
        }
      }
      const churning = churn()
      for (const order of ['ascending', 'descending'] as const) {
        const read = await readAll(opened.storage, opened.stream, { order, limit: 10 })
        same(new Set(read.map(({ key }) => key)).size, read.length, `${order}: each event once`)
        const keys = new Set(read.map(({ key }) => key))
        same(
          stable.filter(({ key }) => !keys.has(key)),
          [],
          `${order}: events that existed throughout and were not read`,
        )
      }
      reading = false
      await churning
      await expectEvents(opened, stable, 'what is left')
    },
  ),
  eventTest(
    'concurrency: an empty stream that is written and emptied at once is listed as it ends',
    async (opened, context) => {
      const other = await openedEvents(context, { ...opened, instance: 1 })
      for (let round = 0; round < LISTED; round++) {
        await append(opened, [event(round)])
        await Promise.all([
          opened.storage.append(opened.stream, [event(1_000 + round)]),
          other.delete(opened.stream, { first: event(round).key, last: event(round).key }),
        ])
        const { events } = await page(opened.storage, opened.stream, {})
        same(events, [event(1_000 + round)], `round ${round}: the event that stays`)
        claim((await opened.storage.streams()).includes(opened.stream), `round ${round}: the stream is not listed`)
        await other.delete(opened.stream, ALL)
        claim(!(await opened.storage.streams()).includes(opened.stream), `round ${round}: the empty stream is listed`)
      }
    },
  ),
]
