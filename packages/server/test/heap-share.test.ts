import { expect, it } from 'vitest'
import { heapShare } from '../src/config/heap-share.ts'
import { serverSettings } from '../src/config/server-settings.ts'

it('holds less by default where the heap may not grow to 2 GB', () => {
  expect([2 ** 26, 2 ** 30, 2 ** 31, 2 ** 33].map((limit) => heapShare(limit))).toEqual([1 / 32, 0.5, 1, 1])
  const { buffer } = serverSettings({})
  const [maxCells, maxPending] = [100_000, 200_000].map((most) => Math.ceil(most * heapShare()))
  expect(buffer).toEqual({ interval: 2_000, maxCells, maxPending })
})
