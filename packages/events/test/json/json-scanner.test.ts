import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEEPEST, JsonScanner } from '../../src/json/json-scanner.ts'
import { encodeJson, parseJson } from '../../src/json/json-values.ts'

function canonical(text: string): string {
  const scanner = new JsonScanner(text)
  const value = scanner.value()
  scanner.end()
  return value
}

describe('JsonScanner', () => {
  it.each([
    [' { "a" : [ 1 , 2.0 ,\r\n\t-0.0 ] , "b":{ } } ', '{"a":[1,2.0,-0.0],"b":{}}'],
    ['"caf\u00e9 \ud83d\ude00 \u2028 \u007f \\/ \\u00E9"', '"caf\\u00e9 \\ud83d\\ude00 \\u2028 \\u007f \\/ \\u00E9"'],
    ['1e300', '1e300'],
    ['-1.5E-7', '-1.5E-7'],
    ['9223372036854775807', '9223372036854775807'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['{"":0,"k.with.dots":1,"__proto__":2}', '{"":0,"k.with.dots":1,"__proto__":2}'],
    ['"\\ud800"', '"\\ud800"'],
    ['[[],[[]],{}]', '[[],[[]],{}]'],
  ])('%j becomes canonical without loss', (text, expected) => {
    expect(canonical(text)).toBe(expected)
  })

  it.each([
    '',
    ' ',
    '{',
    '[1,',
    '[1,]',
    '{"a":1,}',
    '{a:1}',
    "{'a':1}",
    '{"a" 1}',
    '{} x',
    'NaN',
    '-Infinity',
    'nul',
    'True',
    '01',
    '1.',
    '.5',
    '+1',
    '-',
    '1e',
    '0x10',
    '"',
    '"\\x"',
    '"\\u12g4"',
    '"\n"',
    '"\u0000"',
    '\ufeff{}',
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '[{"x":{"b":1,"b":1}}]',
    '{"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":0,"8":0,"9":0,"10":0,"3":0}',
    '9223372036854775808',
    '-9223372036854775809',
    '18446744073709551616',
    '1e400',
    `1${'0'.repeat(400)}.0`,
    '9'.repeat(1_000_000),
    '['.repeat(DEEPEST + 1) + ']'.repeat(DEEPEST + 1),
    '['.repeat(1_000_000),
    '{"a":'.repeat(1_000_000),
  ])('refuses %#', (text) => {
    expect(() => canonical(text)).toThrow(expect.objectContaining({ code: 'KAIROS_INVALID_VALUE' }))
  })

  it('reports the position', () => {
    expect(() => canonical('{"a": tru}')).toThrow('at character 7')
    expect(() => canonical('[1')).toThrow('at the end')
  })

  it('accepts what JSON.parse accepts, with the same result', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, 1, '\t'), (json, space) => {
        // JSON.stringify writes doubles from 2^63 on as integers, which are refused.
        fc.pre(!/\d{19}/.test(JSON.stringify(JSON.parse(json))))
        const value: unknown = JSON.parse(json)
        const text = canonical(JSON.stringify(value, undefined, space))
        expect(JSON.parse(text)).toEqual(value)
        expect(text).toMatch(/^[\x20-\x7e]*$/)
        expect(canonical(text)).toBe(text)
      }),
    )
  })

  it('refuses what JSON.parse refuses', () => {
    const broken = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '}', '\\', 'x'))
      .map(([json, at, mark]) => {
        const place = at % (json.length + 1)
        return json.slice(0, place) + mark + json.slice(place + 1)
      })
    fc.assert(
      fc.property(broken, (text) => {
        const isValid = attempt(() => JSON.parse(text))
        if (!isValid) expect(attempt(() => canonical(text))).toBe(false)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('values', () => {
  it('come back unchanged, integers beyond 2^53 as bigints', () => {
    const value = {
      big: 9_223_372_036_854_775_807n,
      float: 1e300,
      whole: 1e17,
      zero: -0,
      text: 'caf\u00e9 \ud800 "\\',
      list: [1, [null, true], {}],
      nested: { '': 1, 'a.b': { c: 'd' } },
    }
    expect(parseJson(encodeJson(value))).toEqual(value)
    expect(encodeJson(value)).toMatch(/^[\x20-\x7e]*$/)
    expect(canonical(encodeJson(value))).toBe(encodeJson(value))
    expect(encodeJson({ left: undefined, out: new Date(0) })).toBe('{"out":"1970-01-01T00:00:00.000Z"}')
  })

  it.each([
    ['NaN', { a: Number.NaN }],
    ['a Map', { a: new Map() }],
    ['a function', { a: () => {} }],
    ['an undefined item', { a: [undefined] }],
    ['a symbol', { a: Symbol('s') }],
    ['bytes', { a: new Uint8Array(1) }],
    ['an integer beyond 64 bits', { a: 2n ** 63n }],
  ])('refuse %s, and name its path', (_what, value) => {
    expect(() => encodeJson(value)).toThrow(
      expect.objectContaining({ code: 'KAIROS_INVALID_VALUE', message: expect.stringMatching(/^a/) }),
    )
  })

  it('refuse cycles', () => {
    const ring: Record<string, unknown> = {}
    ring.ring = ring
    expect(() => encodeJson(ring)).toThrow('deeper than')
  })
})

function attempt(work: () => unknown): boolean {
  try {
    work()
    return true
  } catch {
    return false
  }
}
