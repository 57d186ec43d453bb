import type { EventStorage, StoredEvent } from '@kairos/core/driver'
import type { DriverTest } from '../driver-test.ts'
import { claim, same } from '../internal/same.ts'
import type { TestContext } from '../test-context.ts'
import { between, event, eventTest, keyOf, type OpenedStream, openedEvents, page } from './streams-of.ts'

/** A random number below `count`. */
type Random = (count: number) => number

export const modelTests: readonly DriverTest[] = [
  eventTest('model: 200 random calls answer as a sorted list would', (opened, context) =>
    compare(opened, context, 200),
  ),
  eventTest(
    'model: 5,000 random calls answer as a sorted list would',
    (opened, context) => compare(opened, context, 5_000),
    true,
  ),
]

async function compare(opened: OpenedStream, context: TestContext, calls: number): Promise<void> {
  const { stream } = opened
  const seed = context.options.seed ?? Math.trunc(Math.random() * 0x7fff_ffff)
  const random = randomOf(seed)
  const storages = [await openedEvents(context, opened), await openedEvents(context, { ...opened, instance: 1 })]
  const model = new Map<string, string>()
  for (let call = 0; call < calls; call++) {
    try {
      await step(storages[random(2)]!, stream, model, random)
    } catch (error) {
      throw new Error(`call ${call} of the random run with seed ${seed}: ${(error as Error).message}`, { cause: error })
    }
  }
}

/** One random call, made on the model too, and compared with it. */
async function step(storage: EventStorage, stream: string, model: Map<string, string>, random: Random): Promise<void> {
  const [start, end] = [random(60) - 5, random(60) - 5]
  const exact = { first: keyOf(start, random(4)), last: keyOf(end, random(4)) }
  const range = random(2) === 0 ? between(start, end) : exact
  const found = [...model.keys()].filter((key) => key >= range.first && key <= range.last).sort()
  const kind = random(10)
  if (kind < 4) return stepAppend(storage, stream, model, random)
  if (kind === 4) {
    same(await storage.delete(stream, range), found.length, 'delete')
    for (const key of found) model.delete(key)
  } else if (kind === 5) {
    same(await storage.count(stream, range), found.length, 'count')
  } else if (kind === 6) {
    claim(
      (await storage.streams()).includes(stream) === model.size > 0,
      `streams, where the stream holds ${model.size}`,
    )
  } else {
    const order = random(2) === 0 ? 'ascending' : 'descending'
    const limit = random(12) + 1
    const { events, done } = await page(storage, stream, { ...range, order, limit })
    const expected = order === 'ascending' ? found : found.reverse()
    const shown = expected.slice(0, done ? undefined : events.length)
    same(
      events,
      shown.map((key) => ({ key, body: model.get(key)! })),
      `read of at most ${limit}, ${order}`,
    )
  }
}

async function stepAppend(
  storage: EventStorage,
  stream: string,
  model: Map<string, string>,
  random: Random,
): Promise<void> {
  const batch = new Map<string, StoredEvent>()
  for (let count = random(8); count >= 0; count--) {
    const made = event(random(50), `{"n":${random(1_000)}}`, random(4))
    batch.set(made.key, made)
  }
  const events = [...batch.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
  const inserted = await storage.append(stream, events)
  same(
    inserted,
    events.map(({ key }) => !model.has(key)),
    'append',
  )
  for (const { key, body } of events) if (!model.has(key)) model.set(key, body)
}

/** mulberry32: small, and the same everywhere for a seed. */
function randomOf(seed: number): Random {
  let state = seed
  return (count) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.trunc((((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000) * count)
  }
}
