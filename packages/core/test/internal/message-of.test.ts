import { expect, it } from 'vitest'
import { messageOf } from '../../src/driver.ts'

/** As Node makes them. */
const WORDLESS: string = ''
const refused = (address: string): Error => new Error(`connect ECONNREFUSED ${address}`)

it.each<[what: string, error: unknown, message: string]>([
  ['an error', new Error('down'), 'down'],
  ['a text', 'down', 'down'],
  [
    'a name of two addresses',
    new AggregateError([refused('::1:5432'), refused('127.0.0.1:5432')], WORDLESS),
    'connect ECONNREFUSED ::1:5432; connect ECONNREFUSED 127.0.0.1:5432',
  ],
  [
    'several that say more together',
    new AggregateError([new Error('one'), new AggregateError([new Error('two')], WORDLESS)], 'all failed'),
    'all failed (one; two)',
  ],
  ['an error that only has a code', Object.assign(new Error(WORDLESS), { code: 'ECONNRESET' }), 'ECONNRESET'],
  ['an error that says nothing', new TypeError(WORDLESS), 'TypeError'],
  [
    'one of a class without a name of its own, such as of node-redis',
    new (class TimeoutError extends Error {})(),
    'TimeoutError',
  ],
  ['one without any prototype', Object.assign(Object.create(null), { message: WORDLESS, name: 'Error' }), 'Error'],
  [
    'a URL with a password',
    new Error('cannot reach redis://:pw@a.example and postgres://user:pw@b/x'),
    'cannot reach redis://***@a.example and postgres://***@b/x',
  ],
])('%s', (_what, error, message) => {
  expect(messageOf(error)).toBe(message)
})

it('several that hold each other end', () => {
  const error = new AggregateError([new Error('one')], 'all')
  error.errors.push(error)
  expect(messageOf(error)).toBe('all (one; all)')
})
