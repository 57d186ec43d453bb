import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Place, SortedList } from '../../src/drivers/sorted-list.ts'

const at =
  (number: number): Place<number> =>
  (item) =>
    item - number

/** The result of the same steps on a plain list that is sorted each time. */
it('a sorted list is what a list sorted each time is', () => {
  const step = fc.record({
    first: fc.integer({ min: 0, max: 4_000 }),
    length: fc.integer({ min: 0, max: 1_500 }),
    kind: fc.constantFrom('up', 'down', 'remove'),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.integer({ min: 0, max: 5_500 }), (steps, probe) => {
      const list = new SortedList<number>()
      let model: number[] = []
      for (const { first, length, kind } of steps) {
        if (kind === 'remove') {
          const kept = model.filter((item) => item < first || item >= first + length)
          expect(list.remove(at(first), at(first + length))).toBe(model.length - kept.length)
          model = kept
        } else {
          for (let index = 0; index < length; index++) {
            const item = kind === 'up' ? first + index : first + length - index
            if (list.find(at(item)) !== undefined) continue
            list.insert(at(item), item)
            model.push(item)
          }
        }
      }
      model.sort((a, b) => a - b)
      expect([...list.ascending(at(0), at(9_999))]).toEqual(model)
      expect([...list.descending(at(0), at(9_999))]).toEqual(model.toReversed())
      const [low, high] = [probe - 700, probe + 10]
      const within = model.filter((item) => item >= low && item < high)
      expect([...list.ascending(at(low), at(high))]).toEqual(within)
      expect([...list.descending(at(low), at(high))]).toEqual(within.toReversed())
      expect(list.count(at(low), at(high))).toBe(within.length)
      expect(list.count(at(high), at(low))).toBe(0)
      expect(list.firstFrom(at(probe))).toBe(model.find((item) => item >= probe))
      expect(list.lastBefore(at(probe))).toBe(model.findLast((item) => item < probe))
      expect(list.last).toBe(model.at(-1))
      expect(list.isEmpty).toBe(model.length === 0)
    }),
  )
})

it('moves few items where each new one goes in front of the others', () => {
  const list = new SortedList<number>()
  let looked = 0
  for (let item = 100_000; item > 0; item--) {
    list.insert((other) => {
      looked++
      return other - item
    }, item)
  }
  // Compared with the cost of a plain list of the same length.
  expect(looked).toBeLessThan(100_000 * 25)
  expect(list.count(at(0), at(1_000_000))).toBe(100_000)
})
