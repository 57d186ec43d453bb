import { describe, expect, it } from 'vitest'
import { formatName, parseName } from '../src/labels.ts'

const invalid = (message: string) => expect.objectContaining({ code: 'KAIROS_INVALID_VALUE', message })

describe('names with labels', () => {
  it.each([
    ['requests;route=/x;status=200', { name: 'requests', status: 200, route: '/x' }],
    ['requests', { name: 'requests' }],
    ['a%3Bb%3Dc%25;k%3B%3D=x%3Dy%3Bz%25', { name: 'a;b=c%', 'k;=': 'x=y;z%' }],
    ['n%0A;l=%00%7F\u0085', { name: 'n\n', l: '\u0000\u007f\u0085' }],
    ['n;A=1.5;a=0;b=1;c=false', { name: 'n', b: 1n, a: -0, c: false, A: 1.5 }],
    // By code points: U+FF5E comes before U+1F600, whose first code unit is smaller.
    ['n;\uff5e=2;\u{1f600}=1', { name: 'n', '\u{1f600}': 1, '\uff5e': 2 }],
    ['n;__proto__=x;constructor=y', { name: 'n', ['__proto__']: 'x', constructor: 'y' }],
  ])('formats %s, and parses it', (text, name) => {
    expect(formatName(name as never)).toBe(text)
    expect(formatName(parseName(text))).toBe(text)
    const texts = Object.entries(name).map(([key, value]) => [key, String(value)] as const)
    expect(new Map(Object.entries(parseName(text)))).toEqual(new Map(texts))
  })

  it.each([
    ['n;b=2;a=1', 'n;a=1;b=2'],
    ['n;a=x=y', 'n;a=x%3Dy'],
    ['n;pct=50%', 'n;pct=50%25'],
    ['n;a=%3b%41', 'n;a=%3B%2541'],
  ])('parses %j, which is stored as %j', (given, stored) => {
    expect(formatName(parseName(given))).toBe(stored)
  })

  it.each([
    ['n;a', 'a name with labels must have label=value after each ";", not be "n;a"'],
    ['n;', 'a name with labels must have label=value after each ";", not be "n;"'],
    ['n;a=', 'a name with labels must have label=value after each ";", not be "n;a="'],
    ['n;=a', 'a name with labels must have label=value after each ";", not be "n;=a"'],
    [';a=b', 'a name with labels must begin with a name, not be ";a=b"'],
    ['n;a=1;a=2', 'a name with labels must have each label once, not be "n;a=1;a=2"'],
    ['n;name=m', 'a name with labels must have no label called "name", not be "n;name=m"'],
    ['', 'a name must be a non-empty string of well-formed Unicode, not ""'],
  ])('does not parse %j', (text, message) => {
    expect(() => parseName(text)).toThrow(invalid(message))
  })

  it.each([undefined, null, '', Number.NaN, new Date(0), '\ud800'])('refuses the label value %s', (value) => {
    expect(() => formatName({ name: 'n', route: value as never })).toThrow(
      /the label "route" must be a non-empty string/,
    )
  })

  it.each([{}, { name: '' }, { name: 1 }, { name: 'n', '': 'x' }, 'n', null, ['n']])('refuses the name %j', (name) => {
    expect(() => formatName(name as never)).toThrow(/must be/)
  })
})
