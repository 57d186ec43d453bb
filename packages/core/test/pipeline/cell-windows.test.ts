import { expect, it } from 'vitest'
import { cellWindows } from '../../src/calls.ts'
import { createTimeseries, type Timeseries } from '../../src/index.ts'

async function filled(): Promise<Timeseries> {
  const config = { type: 'count', intervals: { minute: { step: 60 } } }
  const counts = createTimeseries('memory:', config as never) as unknown as Timeseries
  await counts.bulkInsert(Array.from({ length: 300 }, (_, index) => ({ name: 'a', timestamp: index * 60 })))
  return counts
}

async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

it('cells come some at a time, and are those that cells gives', async () => {
  const counts = await filled()
  const windows = await allOf(cellWindows(counts, { names: 'a', start: 600 }))
  expect(windows.length).toBeLessThan(30)
  expect(windows.flat()).toEqual(await allOf(counts.cells({ names: 'a', start: 600 })))
  expect(windows.flat()).toHaveLength(290)
})

it('what is put around a timeseries gives its own cells, and sees only the options of the call', async () => {
  const counts = await filled()
  const seen: object[] = []
  const around = {
    ...counts,
    async *cells(options: object) {
      seen.push(options)
      for await (const cell of counts.cells(options)) if (cell.start < 120) yield cell
    },
  }
  const windows = await allOf(cellWindows(around, { names: 'a' }))
  expect(windows).toMatchObject([[{ start: 0 }], [{ start: 60 }]])
  expect(seen.map((options) => Reflect.ownKeys(options))).toEqual([['names']])
})
