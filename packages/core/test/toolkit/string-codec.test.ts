import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringCodec } from '../../src/driver.ts'

const HAZARDS = [
  { nul: true },
  { leadingMark: true },
  { fieldName: true },
  { nul: true, leadingMark: true, fieldName: true },
  {},
]
const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  // What could confuse a codec: its own escape, the letters after it, the characters it spells.
  fc.string({ unit: fc.constantFrom('\uffff', '\0', '\ufeff', '.', '$', '0', 'b', 'f', 'd', 's', 'e', 'a', '\n') }),
)

describe.each(HAZARDS)('%o', (hazards) => {
  const { encode, decode } = stringCodec(hazards)

  it('comes back as it went in, and different strings stay different', () => {
    fc.assert(
      fc.property(texts, texts, (one, other) => {
        expect(decode(encode(one))).toBe(one)
        expect(encode(one) === encode(other)).toBe(one === other)
      }),
      { numRuns: 500 },
    )
  })

  it('holds nothing that the store would lose', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const encoded = encode(text)
        if ('nul' in hazards) expect(encoded).not.toContain('\0')
        if ('leadingMark' in hazards) expect(encoded.startsWith('\ufeff')).toBe(false)
        if ('fieldName' in hazards) expect(encoded).toMatch(/^[^.$]+$/u)
      }),
      { numRuns: 500 },
    )
  })

  it('leaves ordinary strings as they are', () => {
    for (const text of ['a', 'app:hits', 'é😀', '__proto__']) expect(encode(text)).toBe(text)
  })
})
