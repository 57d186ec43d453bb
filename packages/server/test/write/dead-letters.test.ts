import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { DeadLetters } from '../../src/write/dead-letters.ts'
import { FAULTS } from '../../src/write/reasons.ts'

const BODY = 4_000_000

/** Bytes; those of long texts are outside of the heap. */
function held(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

it('keeps the beginnings of what was sent, and not the bodies that they came in', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const letters = new DeadLetters(() => 0)
  const add = (body: string): void => letters.add(FAULTS.malformed, 'http /write', body.slice(100, -100))
  collectGarbage()
  const before = held()
  for (let time = 0; time < 20; time++) add(Buffer.alloc(BODY, 'x').toString('latin1'))
  // What is outside of the heap may be given back a moment after it was found to be unused.
  await expect
    .poll(() => {
      collectGarbage()
      return held() - before
    })
    .toBeLessThan(4 * BODY)
  expect(letters.list().map(({ text }) => text)).toEqual(Array.from({ length: 20 }, () => 'x'.repeat(500)))
})
