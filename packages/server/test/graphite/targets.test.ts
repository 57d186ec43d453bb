import { expect, test } from 'vitest'
import { parseAtTime, parseOffset } from '../../src/graphite/at-time.ts'
import { parseGlob } from '../../src/graphite/globs.ts'
import { roundTo } from '../../src/graphite/number-text.ts'
import { parseTarget } from '../../src/graphite/parse-target.ts'
import { zoneClock } from '../../src/graphite/zone-clock.ts'
import vectors from '../vectors/graphite-web.json' with { type: 'json' }

const literal = (value: unknown) => ({ kind: 'literal', value })
/** What matching costs does not count. */
const free = { spend: () => {} }
const path = (text: string) => ({ kind: 'path', path: text })

test('every target of the vectors parses', () => {
  for (const [target] of vectors.cases) expect(() => parseTarget(target as string), target as string).not.toThrow()
})

test('a target is paths, calls and literals, with names, pipes and templates', () => {
  expect(parseTarget('scale( web.{a,b}.hits , -1.5e3 )')).toMatchObject({
    name: 'scale',
    args: [path('web.{a,b}.hits'), literal(-1500)],
  })
  expect(parseTarget('f(None, TRUE, inf, "\\.x", \'y\', a;t=1, 3m.x)')).toMatchObject({
    args: [literal(null), literal(true), literal(Infinity), literal('\\.x'), literal('y'), path('a;t=1'), path('3m.x')],
  })
  expect(parseTarget('a.b | scale(2) | alias(newName="n")')).toMatchObject({
    name: 'alias',
    args: [{ name: 'scale', args: [path('a.b'), literal(2)] }],
    named: { newName: literal('n') },
  })
  expect(parseTarget('template(scale(web.$h.hits,$2),"b",3,h="c")', { h: 'd' })).toMatchObject({
    args: [path('web.d.hits'), literal(3)],
  })
  expect(parseTarget('sin\\(x\\).y')).toEqual(path('sin(x).y'))
})

test('what is not a target is refused with the place', () => {
  for (const wrong of [
    '',
    'a.',
    'f(',
    'f(a',
    'f(a b)',
    'f(a))',
    'sum(a) rubbish',
    'f("x)',
    'a{b',
    'f(n=1,2)',
    'a|b',
    '"x"',
  ])
    expect(() => parseTarget(wrong), wrong).toThrow(/^(the|a) target must/)
  expect(() => parseTarget(`${'f('.repeat(60)}a${')'.repeat(60)}`)).toThrow('at most 50 nested calls')
  expect(() => parseTarget(`f(${'a,'.repeat(3000)}a)`)).toThrow('at most 2000 parts')
  expect(() => parseTarget('a'.repeat(20_000))).toThrow('at most 16384 characters')
})

test('globs match node by node', () => {
  const matching = (pattern: string, ...names: string[]) => names.filter(parseGlob(pattern, free).matches)
  expect(matching('a.*', 'a.b', 'a.b.c', 'a', 'ab.c')).toEqual(['a.b'])
  expect(matching('w?b.{x,yy}*.[a-c!]', 'web.x1.b', 'web.yy.!', 'web.z.a', 'wb.x.a')).toEqual(['web.x1.b', 'web.yy.!'])
  expect(matching('[!a-c]*z', 'dz', 'az', 'd1z2')).toEqual(['dz'])
  expect(matching('[]]x.[-a]', ']x.-', 'x.a')).toEqual([']x.-'])
  expect(matching('*.*;*', 'a.b;v=1.2.3', 'a.b', 'a.b.c;v=1')).toEqual(['a.b;v=1.2.3'])
  expect(parseGlob('a.b*.c', free)).toMatchObject({ prefix: 'a.b', nodes: ['a', 'b*', 'c'], exact: false })
  expect(matching('{a,b?,[}.{x,y}', 'a.x', 'b1.y', '[.x', 'b.x', 'a.z')).toEqual(['a.x', 'b1.y', '[.x'])
  const hostile = parseGlob(`${'*a'.repeat(900)}b`, free)
  expect(hostile.matches('a'.repeat(5000))).toBe(false)
  expect(() => parseGlob('{a,b}'.repeat(11), free)).toThrow('at most 1000 alternatives')
  const digits = '{0,1,2,3,4,5,6,7,8,9}'.repeat(3)
  expect(() => parseGlob(`${'a'.repeat(100)}${digits}`, free)).toThrow('at most 50000 characters')
})

test('globs spend what matching costs', () => {
  let spent = 0
  const budget = {
    spend(steps: number) {
      spent += steps
    },
  }
  // Each alternative begins again at each character.
  expect(parseGlob(`*${'a'.repeat(30)}{0,1,2,3}{4,5,6,7}`, budget).matches('a'.repeat(1_000))).toBe(false)
  expect(spent).toBeGreaterThan((16 * 30 * 900) / 4)
  spent = 0
  expect(parseGlob('{web,db,mail}.a', budget).matches('mail.a')).toBe(true)
  expect(spent).toBe(0)
})

test('numbers are rounded as their exact decimals are', () => {
  let state = 7
  const random = (): number => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
  for (let round = 0; round < 3_000; round++) {
    const value = (random() - 0.5) * 10 ** Math.floor(random() * 14)
    const digits = Math.floor(random() * 10)
    // No half: all digits are random.
    expect(roundTo(value, digits), `${value} to ${digits}`).toBe(Number(value.toFixed(digits)))
  }
  const halves = [0.5, 1.5, -2.5, 0.125, 2.675, 1.005, 5e-7].map((value) => [
    roundTo(value, 0),
    roundTo(value, 2),
    roundTo(value, 6),
  ])
  expect(halves).toEqual([
    [0, 0.5, 0.5],
    [2, 1.5, 1.5],
    [-2, -2.5, -2.5],
    [0, 0.12, 0.125],
    [3, 2.67, 2.675],
    [1, 1, 1.005],
    [0, 0, 0],
  ])
})

test('times in all forms, by the clock of a zone', () => {
  const now = Date.UTC(2024, 2, 31, 10, 20, 30) / 1000 // a Sunday; Berlin's clocks went forward that night
  const at = (text: string, zone = 'UTC') =>
    new Date(parseAtTime(text, zoneClock(zone), now) * 1000).toISOString().slice(0, 19)
  expect(at('now')).toBe('2024-03-31T10:20:30')
  expect(at('-6h')).toBe('2024-03-31T04:20:30')
  expect(at('1709208000')).toBe('2024-02-29T12:00:00')
  expect(at('20240229')).toBe('2024-02-29T00:00:00')
  expect(at('18:30_20240229', 'Europe/Berlin')).toBe('2024-02-29T17:30:00')
  expect(at('noon yesterday', 'Europe/Berlin')).toBe('2024-03-30T11:00:00')
  expect(at('midnight-1d2h')).toBe('2024-03-29T22:00:00')
  expect(at('6pm today')).toBe('2024-03-31T18:00:00')
  expect(at('12am')).toBe('2024-03-31T00:00:00')
  expect(at('12:30pm tomorrow')).toBe('2024-04-01T12:30:00')
  expect(at('monday')).toBe('2024-03-25T00:00:00')
  expect(at('teatime_january 5')).toBe('2024-01-05T16:00:00')
  expect(at('12/31/23')).toBe('2023-12-31T00:00:00')
  expect(at('02:30', 'Europe/Berlin')).toBe('2024-03-31T01:30:00')
  expect(parseOffset('-1d12h')).toBe(-129_600)
  expect(parseOffset('1mon')).toBe(2_592_000)
  for (const wrong of ['-6x', 'jan', '99:00', 'yesterdayish', '02/30/24', '-', '999999999999999', '-5'])
    expect(() => at(wrong), wrong).toThrow(/^a (time|span) must be/)
  for (const long of ['1'.repeat(1_000), `-${'1s'.repeat(1_000_000)}`]) {
    expect(() => at(long)).toThrow(/^a time must be at most 200 characters long/)
    expect(() => parseOffset(long)).toThrow(/^a span must be/)
  }
  expect(() => zoneClock('Mars/Base')).toThrow('tz must be a time zone')
})
