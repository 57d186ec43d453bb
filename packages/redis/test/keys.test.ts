import { describe, expect, it } from 'vitest'
import { escapePart, intervalPart, Keys, keyPrefix, shardOf, unescapePart } from '../src/schema/keys.ts'

const HOSTILE = [
  'a:b',
  '{x}',
  '}',
  '*',
  '%',
  '%003a',
  'a b',
  'a\nb',
  '\0',
  'é',
  'e\u0301',
  '🙂',
  '日本',
  '@1',
  '!',
  '__proto__',
  '~._-',
  '?[a]^\\',
]

describe('parts of keys', () => {
  it('decode to what was encoded, and hold no character with a meaning in a key', () => {
    for (const text of HOSTILE) {
      const part = escapePart(text)
      expect(part).not.toMatch(/[ \n:{}*?[\]^\\!@\0]/)
      expect(unescapePart(part)).toBe(text)
    }
    expect(new Set(HOSTILE.map(escapePart)).size).toBe(HOSTILE.length)
  })

  it('leave ordinary names readable', () => {
    expect(['app.hits', 'host-1_cpu~x', 'größe', '日本'].map(escapePart)).toEqual([
      'app.hits',
      'host-1_cpu~x',
      'größe',
      '日本',
    ])
  })

  it('are spelled by code units, not by the Unicode tables of an engine', () => {
    // A letter since Unicode 16, a space in some tables, a sign that is not a letter, a private character.
    expect(escapePart('\ua7cb \u2028 € \ue000')).toBe('\ua7cb%0020\u2028%0020€%0020\ue000')
    expect(escapePart('\u007f\u0080\u00a0\u00a1')).toBe('%007f%0080%00a0\u00a1')
    expect(escapePart('🙂')).toBe('🙂')
  })

  it('a prefix ends with a colon and keeps its own colons', () => {
    expect(['kairos:', 'kairos', 'a:b', 'x {y}', ''].map(keyPrefix)).toEqual([
      'kairos:',
      'kairos:',
      'a:b:',
      'x%0020%007by%007d:',
      '',
    ])
  })

  it('an interval whose record was replaced has other keys', () => {
    expect([intervalPart('m', 0), intervalPart('m', 2), intervalPart('m@2', 0)]).toEqual(['m', 'm@2', 'm%00402'])
  })

  it('names spread over all shards, always the same way', () => {
    const shards = new Set(Array.from({ length: 5_000 }, (_, index) => shardOf(`name-${index}`, 256)))
    expect(shards.size).toBe(256)
    // Stored data must always be found: the FNV-1a hash of "a" is 0xe40c292c.
    expect(shardOf('a', 256)).toBe(0x2c)
    expect(new Keys('kairos:', { type: 'count' }, 256).registry(44, 'minute')).toBe('kairos:count:{44}:minute')
  })
})
