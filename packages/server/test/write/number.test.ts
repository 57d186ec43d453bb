import { expect, it } from 'vitest'
import { parseDecimal, parseNumber } from '../../src/write/number.ts'

const parsed = (text: string): number => parseNumber(Buffer.from(`x${text}x`), 1, 1 + text.length)

it('reads decimal numbers as JavaScript does, and nothing else', () => {
  let seed = 1
  const next = (): number => (seed = (seed * 48_271) % 2_147_483_647)
  const texts = [
    '0',
    '-0',
    '1.',
    '.5',
    '+1e3',
    '1E-7',
    '0.1',
    '123456789012345678901234567890',
    `${'9'.repeat(30)}e270`,
    '4.9e-324',
  ]
  for (let time = 0; time < 2_000; time++)
    texts.push(`${next() % 2 ? '-' : ''}${next() % 10 ** (time % 10)}.${next()}${next() % (time + 1)}`)
  for (const text of texts) {
    expect(Object.is(parsed(text), Number(text)), text).toBe(true)
    expect(Object.is(parseDecimal(text), Number(text)), text).toBe(true)
  }
  for (const text of [
    '',
    '-',
    '.',
    '+.',
    '1..2',
    '1e',
    'e1',
    '0x1',
    '1_0',
    'NaN',
    'Infinity',
    '1e400',
    '١',
    ' 1',
    '1 ',
    '1'.repeat(401),
  ])
    expect([parsed(text), parseDecimal(text)], text).toEqual([Number.NaN, Number.NaN])
})
