import type { EventStorage } from '@kairos/core/driver'
import type { DriverTest } from '../driver-test.ts'
import { claim, same } from '../internal/same.ts'
import type { TestContext } from '../test-context.ts'
import { ALL, append, event, eventTest, expectEvents, type OpenedStream, openedEvents } from './streams-of.ts'

const LONGEST = 2_048
const AT_ONCE = 16
/** Names with a special meaning in some store, language or file system. */
const HOSTILE = [
  '.',
  '..',
  '-x',
  '__proto__',
  'constructor',
  'NULL',
  '0',
  '00',
  'a',
  'A',
  'a.',
  'a-',
  'a_',
  'a.b',
  'x'.repeat(LONGEST),
  `${'x'.repeat(LONGEST - 1)}y`,
]

export const streamTests: readonly DriverTest[] = [
  eventTest('streams: exactly those that hold events', async (opened, context) => {
    const { storage } = opened
    const [kept, emptied, never] = [opened.stream, context.name(), context.name()]
    await append(opened, [event(1), event(2)])
    await storage.append(emptied, [event(1), event(2)])
    await expectListed(storage, [kept, emptied], [never])
    await storage.delete(emptied, { first: event(1).key, last: event(1).key })
    await expectListed(storage, [kept, emptied], [never])
    await storage.delete(emptied, ALL)
    await expectListed(storage, [kept], [emptied, never])
    await storage.append(emptied, [event(3)])
    await expectListed(storage, [kept, emptied], [never])
  }),
  eventTest('streams: reading one that does not exist does not create it', async ({ storage }, context) => {
    const never = context.name()
    await expectEvents({ storage, stream: never }, [], 'an unknown stream')
    same(await storage.delete(never, ALL), 0, 'deleted of an unknown stream')
    await expectListed(storage, [], [never])
  }),
  eventTest('streams: every name is distinct', async ({ storage }) => {
    for (const name of HOSTILE) await storage.delete(name, ALL)
    await expectListed(storage, [], HOSTILE)
    for (const [index, name] of HOSTILE.entries()) await storage.append(name, [event(index, `{"n":${index}}`)])
    await expectListed(storage, HOSTILE, [])
    for (const [index, name] of HOSTILE.entries()) {
      await expectEvents({ storage, stream: name }, [event(index, `{"n":${index}}`)], `stream ${name.slice(0, 20)}`)
    }
    for (const name of HOSTILE) same(await storage.delete(name, ALL), 1, `deleted of stream ${name.slice(0, 20)}`)
    await expectListed(storage, [], HOSTILE)
  }),
  eventTest('streams: 1,100 of them', ({ storage }) => listMany(storage, 1_100)),
  eventTest('streams: 10,500 of them', ({ storage }) => listMany(storage, 10_500), true),
  eventTest('streams: namespaces share nothing', async (opened, context) => {
    // The third has the name of the second in the first, as a store might join them.
    const namespaces = ['kit', 'Kit', 'kit.a', 'kit%2Fb', 'k'.repeat(255)]
    const storages = await Promise.all(namespaces.map((namespace) => openedEvents(context, { namespace })))
    const names = [opened.stream, `a.${opened.stream}`]
    for (const storage of storages) for (const name of names) await storage.delete(name, ALL)
    for (const [index, storage] of storages.entries()) {
      same(await storage.append(names[0]!, [event(1, `{"n":${index}}`)]), [true], `append in ${namespaces[index]}`)
    }
    await storages[0]!.append(names[1]!, [event(2)])
    await expectListed(storages[2]!, [names[0]!], [names[1]!])
    same(await storages[1]!.delete(names[0]!, ALL), 1, 'deleted in one namespace')
    for (const [index, storage] of storages.entries()) {
      const expected = index === 1 ? [] : [event(1, `{"n":${index}}`)]
      await expectEvents({ storage, stream: names[0]! }, expected, `namespace ${namespaces[index]}`)
    }
    for (const storage of storages) for (const name of names) await storage.delete(name, ALL)
  }),
  {
    ...eventTest('streams: a place holds events and timeseries side by side', besideTimeseries),
    types: ['count'],
  },
]

async function besideTimeseries(opened: OpenedStream, context: TestContext): Promise<void> {
  const timeseries = await context.emptied({ type: 'count', intervals: { minute: { step: 60 } } })
  const driver = await context.driver('count')
  const beside = await driver.openEvents!({ namespace: 'kit' })
  await beside.delete(opened.stream, ALL)
  await beside.append(opened.stream, [event(1)])
  await timeseries.timeseries.insert(opened.stream, 1)
  await timeseries.timeseries.deleteAll()
  await expectEvents({ storage: beside, stream: opened.stream }, [event(1)], 'after the timeseries was emptied')
  await timeseries.timeseries.insert(opened.stream, 1)
  same(await beside.delete(opened.stream, ALL), 1, 'the events deleted')
  same(await timeseries.timeseries.list(), [opened.stream], 'the timeseries after the events were deleted')
}

/** More than a page of a listing usually holds. */
async function listMany(storage: EventStorage, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `many.${index}`)
  await inFew(names, (name) => storage.append(name, [event(1)]))
  await expectListed(storage, names, [])
  await inFew(names, (name) => storage.delete(name, ALL))
  await expectListed(storage, [], names)
}

/** Works through a list with several calls at a time. */
async function inFew(names: readonly string[], call: (name: string) => Promise<unknown>): Promise<void> {
  const left = names.values()
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const name of left) await call(name)
    }),
  )
}

async function expectListed(
  storage: EventStorage,
  present: readonly string[],
  absent: readonly string[],
): Promise<void> {
  const listed = await storage.streams()
  same(new Set(listed).size, listed.length, 'streams: each once')
  const all = new Set(listed)
  for (const name of present) claim(all.has(name), `streams: ${name.slice(0, 40)} holds events and is not listed`)
  for (const name of absent) claim(!all.has(name), `streams: ${name.slice(0, 40)} holds no event and is listed`)
}
