import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import { memoryDriver } from '../../src/index.ts'
import { createAny } from '../support/any-timeseries.ts'
import { collect } from '../support/collect.ts'
import { failureOf } from '../support/failure.ts'

const intervals = { minute: { step: 60 }, hour: { step: '1h', resolution: 60 } }
const config = { type: 'count', intervals, now: () => 0 }
const text = 'requests;route=/x;status=200'
const name = { name: 'requests', status: 200, route: '/x' }

describe('names with labels', () => {
  it('may be given as objects wherever a name is taken', async () => {
    const counts = createAny(memoryDriver(), config)
    await counts.insert(name)
    await counts.insert(name, [1, 1])
    await counts.insert(name, 1, { intervals: 1 })
    await counts.bulkInsert([{ name, value: 1 }])
    await counts.bulkInsert(new Map([[null, new Map([[name, [1]]])]]))
    expect(await counts.list()).toEqual([text])
    const minute = new Map([[0, 6]])
    expect(await counts.get(name, 'minute')).toEqual(minute)
    expect(await counts.get([name, text, { ...name }], 'minute')).toEqual(minute)
    expect(await counts.get(new Set([name, 'other']), 'minute', { split: true })).toEqual(
      new Map([
        [text, minute],
        ['other', new Map([[0, 0]])],
      ]),
    )
    expect(await counts.series(name, 'minute', { end: 0 })).toEqual(minute)
    expect((await counts.query(name, { start: 0, end: 0 })).points).toEqual(minute)
    expect((await collect(counts.iterate(name, 'hour')))[0]).toEqual([0, 6])
    expect(await counts.top('minute', { names: [name] })).toEqual([{ name: text, value: 6 }])
    expect(await counts.properties(name)).toHaveProperty('minute', { first: 0, last: 60 })
    expect((await collect(counts.cells({ names: name, intervals: ['minute'] }))).map((cell) => cell.name)).toEqual([
      text,
      text,
    ])
    expect(await counts.rebuild('hour', { from: 'minute', names: [name], current: true })).toMatchObject({ first: 0 })
    expect(await counts.expire(name)).toBe(0)
    await counts.delete(name, { interval: 'minute', start: 60 })
    expect(await counts.properties(name)).toHaveProperty('minute', { first: 0, last: 0 })
    await counts.delete(name)
    expect(await counts.list()).toEqual([])
  })

  it('are what they were when the call was made, though it has to wait', async () => {
    const counts = createAny(memoryDriver(), config) as ReturnType<typeof createAny> & {
      buffer(): { add(name: unknown): boolean; flush(): Promise<void> }
    }
    const reused: { name: string; page: string } = { name: 'n', page: 'a' }
    const waiting: Promise<unknown>[] = [counts.insert(reused)]
    const buffer = counts.buffer()
    buffer.add(reused)
    reused.page = 'b'
    waiting.push(counts.insert(reused))
    buffer.add(reused)
    const found = counts.get(reused, 'minute')
    reused.page = 'c'
    await Promise.all([...waiting, buffer.flush()])
    expect(await counts.top('minute')).toEqual([
      { name: 'n;page=a', value: 2 },
      { name: 'n;page=b', value: 2 },
    ])
    expect(await found).toEqual(new Map([[0, 1]]))
  })

  it.each([
    [{}, 'name must be a non-empty string of well-formed Unicode, not undefined'],
    [{ name: 'n', route: null }, 'the label "route" must be a non-empty string'],
    [{ name: 'n', rout: '/x' }, 'a label must be one of route, status, not "rout"; did you mean "route"?'],
    [['n'], 'a name must be a non-empty string of well-formed Unicode, not a list of 1'],
  ])('%j is refused', async (given, message) => {
    const counts = createAny(memoryDriver(), { ...config, labels: ['route', 'status'] })
    await counts.insert(name)
    const calls = [() => counts.insert(given), () => counts.bulkInsert([{ name: given }]), () => counts.delete(given)]
    for (const call of calls) {
      const error = await failureOf(call, 'KAIROS_INVALID_VALUE')
      expect(error.message).toContain(message)
    }
    // Texts are taken as they are.
    await counts.insert('n;rout=/x')
  })

  it('that no store can hold are refused', async () => {
    const memory = memoryDriver()
    const driver = { ...memory, capabilities: { ...memory.capabilities, maxStringLength: 20 } }
    const error = await failureOf(() => createAny(driver, config).insert(name), 'KAIROS_INVALID_VALUE')
    expect(error).toMatchObject({ series: text })
  })
})

describe('the labels of a configuration', () => {
  it.each(['route', null, { route: true }])('must be a list, not %j', (labels) => {
    expect(() => parseConfig({ ...config, labels })).toThrow(
      expect.objectContaining({ code: 'KAIROS_INVALID_CONFIG', path: 'labels' }),
    )
  })
})
