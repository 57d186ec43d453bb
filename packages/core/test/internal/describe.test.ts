import { expect, it } from 'vitest'
import { describe as spell } from '../../src/internal/describe.ts'

const CASES: readonly [value: unknown, text: string][] = [
  [1, '1'],
  ['1', '"1"'],
  [1n, '1n'],
  [-0, '0'],
  [null, 'null'],
  [undefined, 'undefined'],
  [Symbol('x'), 'Symbol(x)'],
  [() => 1, 'a function'],
  [[1, 2], 'a list of 2'],
  [{}, 'an object'],
  [Object.create(null), 'an object'],
  [new Map(), 'a Map'],
  [new Date(Number.NaN), 'an invalid Date'],
  [new Date(0), '1970-01-01T00:00:00.000Z'],
  ['x'.repeat(1_000), `"${'x'.repeat(59)}…`],
  [
    {
      get constructor() {
        throw new Error('no')
      },
    },
    'an object',
  ],
  [{ [Symbol.toStringTag]: 'Date' }, 'an object tagged Date'],
  [Math, 'an object tagged Math'],
  [Object.defineProperty(Object.create(null), Symbol.toStringTag, { value: 'Module' }), 'an object tagged Module'],
  [new (class {})(), 'an object'],
]

it('spells any value in a few characters, and never throws', () => {
  for (const [value, text] of CASES) expect(spell(value)).toBe(text)
})
