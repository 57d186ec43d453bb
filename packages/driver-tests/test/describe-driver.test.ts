import { memoryDriver } from '@kairos/core'
import { describe, expect, it } from 'vitest'
import { describeDriver } from '../src/index.ts'
import { brokenBy } from './broken/index.ts'
import { wrapped } from './broken/wrapped.ts'
import { failedTitles, messageOf, record } from './recorder.ts'

const { create: createBroken, caughtBy } = brokenBy('a count that vanishes at 0')
const title = caughtBy[0]!
const only = (each: string) => each === title

describe('deviations', () => {
  const deviations = [{ test: title, reason: 'the store forgets a 0' }]

  it('let a test fail that is named among them', async () => {
    expect(failedTitles(await record({ create: createBroken, shared: false, only }))).toEqual([title])
    expect(failedTitles(await record({ create: createBroken, shared: false, only, deviations }))).toEqual([])
  })

  it('fail when the named test passes, so that the list cannot rot', async () => {
    const results = await record({ create: () => memoryDriver(), shared: false, only, deviations })
    expect(messageOf(results, title)).toBe(
      `"${title}" passes: take the deviation "the store forgets a 0" out of the list`,
    )
  })

  it('must name tests that there are', async () => {
    const unknown = [{ test: 'merge: of clouds', reason: 'none' }]
    await expect(record({ create: () => memoryDriver(), deviations: unknown })).rejects.toThrow(TypeError)
  })
})

describe('the runner', () => {
  const options = { create: () => memoryDriver(), shared: false }
  const describeNow = (_title: string, body: () => void) => body()

  it('needs a hook to close what the kit opens', () => {
    expect(() => describeDriver({ ...options, runner: { describe: describeNow, it: () => {} } })).toThrow(TypeError)
  })

  it('may have afterEach only: then every test opens its own', async () => {
    const open = new Set<object>()
    const create = () => {
      const driver = wrapped(() => ({}))
      const tracked = { ...driver, close: async () => void open.delete(tracked) }
      open.add(tracked)
      return tracked
    }
    const tests: (() => Promise<void>)[] = []
    const closing: (() => Promise<void>)[] = []
    const runner = {
      describe: describeNow,
      it: (each: string, test: () => Promise<void>) => void (/^(merge|delete): count/.test(each) && tests.push(test)),
      afterEach: (close: () => Promise<void>) => closing.push(close),
    }
    describeDriver({ ...options, create, runner })
    for (const test of tests) {
      await test()
      expect(open.size).toBeGreaterThan(0)
      for (const close of closing) await close()
      expect(open.size).toBe(0)
    }
    expect(tests.length).toBeGreaterThan(5)
  })

  it('leaves what core makes of answers out of the short size on a further server, and has it in the long one', () => {
    const titlesOf = (size: 'short' | 'long') => {
      const { runner, titles } = recordingGroups()
      describeDriver({ ...options, further: true, size, runner })
      return titles
    }
    expect(titlesOf('short')).not.toContain('timeseries')
    expect(titlesOf('long')).toContain('timeseries')
    const { runner, titles } = recordingGroups()
    describeDriver({ ...options, name: 'my driver', further: true, size: 'short', groups: ['faults', 'model'], runner })
    expect(titles).toEqual(['my driver', 'faults'])
  })

  it("is given only the groups that are named, which must be the kit's own", () => {
    const { runner, titles } = recordingGroups()
    describeDriver({ ...options, name: 'my driver', groups: ['faults', 'model'], runner })
    expect(titles).toEqual(['my driver', 'model', 'faults'])
    expect(() => describeDriver({ ...options, groups: ['fault'], runner })).toThrow(/no group "fault"; known: .*faults/)
  })

  it('receives how long a test may take: in its own way, or in that of mocha', () => {
    const timeouts: unknown[] = []
    const runner = {
      describe: describeNow,
      after: () => {},
      it(_title: string, test: (this: unknown) => Promise<void>, timeout?: number) {
        if (timeouts.length > 0) return
        timeouts.push(timeout)
        void test.call({ timeout: (milliseconds: number) => timeouts.push(milliseconds) })
      },
    }
    describeDriver({ ...options, timeout: 7_000, runner })
    expect(timeouts).toEqual([7_000, 7_000])
  })

  it('is given a group by the name of the driver, and one for each layer in it', () => {
    const { runner, titles } = recordingGroups()
    describeDriver({ ...options, name: 'my driver', runner })
    expect(titles[0]).toBe('my driver')
    expect(titles).toEqual(
      expect.arrayContaining(['store contract', 'golden vectors', 'timeseries', 'model', 'concurrency']),
    )
  })
})

describe('what the kit prints', () => {
  it('names the cells that differ, and what was asked', async () => {
    const { create, caughtBy: titles } = brokenBy('a range without its last bucket')
    const results = await record({ create, shared: false, only: (each) => each === titles[0] })
    expect(messageOf(results, titles[0]!)).toContain("interval: 'minute', range: { first: 100, last: 110 } }")
    expect(messageOf(results, titles[0]!)).toContain('got nothing, expected')
  })

  it('names the names that are missing, and those that should not be there', async () => {
    const { create } = brokenBy('names trimmed')
    const test = 'names: count: any string is a name, distinct from all others'
    const message = messageOf(await record({ create, shared: false, only: (each) => each === test }), test)
    expect(message).toMatch(/leaves out \[ 'a ', .*ipsum ' \], and gives \[ 'lorem .*ipsum' \] which it should not$/)
  })

  it('shows a long list from where it goes wrong', async () => {
    const { create } = brokenBy('64-bit integers through doubles')
    const test = 'values: series of int64: come back as they went in'
    const message = messageOf(await record({ create, shared: false, only: (each) => each === test }), test)
    expect(message).toContain(
      'got [ 9007199254740992n, -9007199254740992n, 9223372036854775808n, 9223372036854775808n, -9223372036854775808n ] from [5] on, of 10, expected',
    )
  })

  it('tells a failed scenario so that it can be followed by hand', async () => {
    const { create } = brokenBy('a double count')
    const results = await record({ create, shared: false, only: (each) => each === 'vectors: count' })
    expect(messageOf(results, 'vectors: count')).toMatch(
      /^\d+ of \d+ scenarios fail.*\n\n[pge][\d-]+: \w+ of a count over .*\n.*step: .*\n( {2}(insert|bulkInsert|advance|delete|deleteAll)\(.*\n)+ {2}\w+\(.*\) differs:\n {2}got .*\n {2}expected /,
    )
  })
})

/** A runner that runs no test, and the titles of the groups that it was given. */
function recordingGroups() {
  const titles: string[] = []
  const runner = {
    describe(group: string, body: () => void) {
      titles.push(group)
      body()
    },
    it: () => {},
    after: () => {},
  }
  return { runner, titles }
}
