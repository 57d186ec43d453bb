import { describe, expect, it } from 'vitest'
import { hashScalar, murmur3 } from '../../src/sketches/hash.ts'

function hex({ high, low }: { high: number; low: number }): string {
  return [high, low].map((half) => half.toString(16).padStart(8, '0')).join('')
}

describe('the hash of unique', () => {
  it('is the first half of MurmurHash3 x86 128', () => {
    const bytes = new TextEncoder().encode('I will not buy this record, it is scratched.')
    expect(hex(murmur3(bytes))).toBe('a0a9683b25ac5e40')
    expect(hex(murmur3(new Uint8Array()))).toBe('0000000000000000')
  })

  it('has the values that are written down', () => {
    expect(WRITTEN_DOWN.map(([value]) => hex(hashScalar(value)))).toEqual(WRITTEN_DOWN.map(([, hash]) => hash))
  })

  it('does not depend on what was hashed before', () => {
    const hashes = new Map(WRITTEN_DOWN)
    for (const [one] of WRITTEN_DOWN) {
      for (const other of [one, '', 0, 'Zürich'] as const) {
        expect(hex(hashScalar(one))).toBe(hashes.get(one))
        expect(hex(hashScalar(other))).toBe(hashes.get(other))
      }
    }
    const bytes = new Uint8Array([1, 2, 3])
    expect(hex(hashScalar(bytes))).toBe('f1b6d8e0267cd530')
    bytes[0] = 9
    expect(hex(hashScalar(bytes))).not.toBe('f1b6d8e0267cd530')
  })

  it('is the same for a text that does not fit into the scratch buffer', () => {
    for (const long of ['ä'.repeat(1_000), 'ä'.repeat(342), 'a'.repeat(1_025), `${'a'.repeat(1_020)}ä`])
      expect(hex(hashScalar(long))).toBe(hex(hashScalar(new TextEncoder().encode(long))))
  })
})

/** Made with mmh3 5.3.1 (Python). Never to be changed: stores hold sketches made with them. */
const WRITTEN_DOWN: readonly (readonly [string | number | bigint | boolean | Uint8Array, string])[] = [
  ['', 'f7bed5a15b576a1c'],
  ['a', '084ef94421a1186e'],
  ['ada@example.org', '371573dd8a094df0'],
  ['Zürich', 'a275a72c360aa3d3'],
  ['0123456789abcdef0123456789abcdef', 'deac081bfacf7cf8'],
  [0, '0d59697193a03146'],
  [-1.5, '875db2090d358203'],
  [1_700_000_000_000, 'd602a0525fcf3a24'],
  [-1n, '2f7db677ac463a5c'],
  [2n ** 63n - 1n, '47a4b07bb28bd28a'],
  [true, '41e3e79b57a5c1f9'],
  [false, '6767641a818f3db7'],
  [new Uint8Array([1, 2, 3]), 'f1b6d8e0267cd530'],
]
