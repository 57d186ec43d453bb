import type { DriverTest } from '../driver-test.ts'
import { type InjectedFault, injectFaults } from '../inject-faults.ts'
import { claim, same } from '../internal/same.ts'
import { ALL, append, event, eventTest, expectEvents, keyOf, openedEvents } from './streams-of.ts'

export const appendTests: readonly DriverTest[] = [
  eventTest('append: events come back in the order of keys, whatever the order of batches', async (opened) => {
    const batches = [
      [event(100), event(300)],
      [event(200)],
      [event(-5), event(0), event(400)],
      [event(150), event(250), event(350)],
    ]
    for (const batch of batches) {
      same(
        await append(opened, batch),
        batch.map(() => true),
        'append of new events',
      )
    }
    await expectEvents(opened, batches.flat(), 'after four batches')
  }),
  eventTest('append: a key that exists is a duplicate, and its first body stays', async (opened) => {
    const events = [event(1), event(2), event(3)]
    await append(opened, events)
    same(await append(opened, events), [false, false, false], 'the same batch again')
    const mixed = [event(0), event(2, '{"other":true}'), event(4)]
    same(await append(opened, mixed), [true, false, true], 'a batch of new, known and new')
    await expectEvents(opened, [mixed[0]!, ...events, mixed[2]!], 'after repeated appends')
  }),
  eventTest('append: events of one time stay separate, in the order of their last bytes', async (opened) => {
    // The last of them cross every sign bit that a store might compare by.
    const tails = [0n, 1n, 0x7fff_ffffn, 0x8000_0000n, 0xff_ffff_ffffn, 0x0f_ff00_0000_0000n, 0x3fff_ffff_ffff_ffffn]
    const events = tails.map((tail) => event(17_953_103_475_320_121n, `{"tail":"${tail}"}`, tail))
    await append(
      opened,
      [...events].sort(() => 0),
    )
    await append(opened, [event(17_953_103_475_320_122n), event(17_953_103_475_320_123n)])
    await expectEvents(
      opened,
      [...events, event(17_953_103_475_320_122n), event(17_953_103_475_320_123n)],
      'events of one tick, and of the two after it',
    )
  }),
  eventTest('append: the whole range of times', async (opened) => {
    const times = [
      -122_192_928_000_000_000n,
      -20_000_000_000_000_000n,
      -1n,
      0n,
      1n,
      17_953_103_475_320_121n,
      1_030_728_576_606_846_975n,
    ]
    const events = times.map((time) => event(time))
    await append(opened, events)
    await expectEvents(opened, events, 'from 1582 to 5236')
  }),
  eventTest('append: bodies come back character for character', async (opened) => {
    const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('')
    const bodies = [
      '{}',
      '{"float":1.0,"exponent":1e300,"negative":-0.0,"big":9223372036854775807,"long":0.30000000000000004}',
      '{"z":1,"a":2,"":3,"a.b":4,"$set":5,"__proto__":6}',
      '{"escapes":"\\u0000\\ud800\\ufeff\\u00e9\\ud83d\\ude00\\n\\"\\\\\\/","html":"</script>"}',
      `{"text":${JSON.stringify(printable)}}`,
      '{"trailing":"space   "}',
    ]
    const events = bodies.map((body, index) => event(index, body))
    await append(opened, events)
    await expectEvents(opened, events, 'bodies')
  }),
  eventTest('append: the largest batch, and the largest bodies', async (opened) => {
    const batch = Array.from({ length: 1_000 }, (_, index) => event(index))
    await append(opened, batch)
    const maximum = opened.driver.capabilities.events?.maxBodyLength ?? 16_000_000
    const large = [1_000_000, maximum].map((length, index) =>
      event(2_000 + index, `{"text":"${'x'.repeat(length - 11)}"}`),
    )
    for (const each of large) await append(opened, [each])
    const { events } = await opened.storage.read(opened.stream, {
      first: keyOf(999),
      last: keyOf(5_000),
      order: 'ascending',
      limit: 10,
      maxLength: 2 * maximum,
    })
    const lengths = [batch.at(-1)!, ...large].map(({ body }) => body.length)
    same(
      events.map(({ body }) => body.length),
      lengths,
      'the lengths of the bodies',
    )
    same(events.at(-1)?.body === large.at(-1)!.body, true, 'the longest body is the one that was written')
    same(await opened.storage.count(opened.stream, { first: keyOf(0), last: keyOf(5_000) }), 1_002, 'count')
  }),
  eventTest('append: a batch of as many characters as one may have', async (opened) => {
    const batch = Array.from({ length: 10 }, (_, index) => event(index, `{"text":"${'x'.repeat(99_900)}${index}"}`))
    same(
      await append(opened, batch),
      batch.map(() => true),
      'append of ten large events',
    )
    await expectEvents(opened, batch, 'ten large events')
  }),
  eventTest(
    'append: repeating a batch that failed half way, or after it was stored, completes it',
    async (opened, context) => {
      const { driver, namespace, stream } = opened
      let fault: InjectedFault = 'part'
      const failing = injectFaults(driver, ({ method }) => (method === 'append' ? { fault, retry: 'never' } : null))
      const storage = await failing.openEvents!({ namespace })
      const events = [1, 2, 3, 4, 5].map((time) => event(time))
      for (fault of ['part', 'after'] as const) {
        const failure = await storage.append(stream, events).catch((error: unknown) => error)
        claim(failure instanceof Error, 'an append that fails rejects')
        const stored = await storage.count(stream, ALL)
        const other = await openedEvents(context, { ...opened, instance: 1 })
        const answers = await other.append(stream, events)
        same(
          answers.filter((isNew) => isNew).length,
          events.length - stored,
          `answers of the repeat, after ${stored} were stored`,
        )
        await expectEvents(opened, events, `appended again, where ${stored} were stored`)
        await opened.storage.delete(stream, ALL)
      }
    },
  ),
  eventTest(
    'append: a second instance finds what the first stored, and a repeat there is a duplicate',
    async (opened, context) => {
      const other = await openedEvents(context, { ...opened, instance: 1 })
      await append(opened, [event(1), event(3)])
      same(
        await other.append(opened.stream, [event(1), event(2), event(3)]),
        [false, true, false],
        'by the second instance',
      )
      await expectEvents(opened, [event(1), event(2), event(3)], 'read by the first')
      await expectEvents(
        { storage: other, stream: opened.stream },
        [event(1), event(2), event(3)],
        'read by the second',
      )
    },
  ),
]
