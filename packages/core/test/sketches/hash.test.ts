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

  it('is the same for a text that does not fit into the scratch buffer', () => {
    const long = 'ä'.repeat(1_000)
    expect(hashScalar(long)).toEqual(hashScalar(new TextEncoder().encode(long)))
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
