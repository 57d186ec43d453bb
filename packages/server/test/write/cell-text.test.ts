import { expect, it } from 'vitest'
import { cellText } from '../../src/write/cell-text.ts'

/** A set that says how many of its members were looked at. */
class LookedAt extends Set<string> {
  count = 0

  override *[Symbol.iterator](): SetIterator<string> {
    for (const member of super.values()) {
      this.count++
      yield member
    }
    return undefined
  }
}

it('shows of a cell what fits into a dead letter, and looks at no more', () => {
  const members = new LookedAt(Array.from({ length: 10_000 }, (_, index) => `visitor ${index}`))
  const cell = { name: 'users', interval: 'hour', start: 3_600 }
  const shown = cellText('members', { ...cell, value: members })
  expect(shown).toMatch(
    /^\{"timeseries":"members","name":"users","interval":"hour","start":3600,"value":\["visitor 0",/,
  )
  expect(members.count).toBeLessThan(1_000)
  expect(cellText('unique', { ...cell, value: new Uint8Array(16_384) }).length).toBeLessThan(1_000)
  expect(cellText('counts', { ...cell, value: 5n })).toContain('"value":"5"')
  expect(cellText('series', { ...cell, value: ['x'.repeat(1e6)] }).length).toBeLessThan(1_000)
})
