import { describe, expect, it } from 'vitest'
import { takePlaintext } from '../../src/carbon/plaintext.ts'
import { usualPlaintext } from '../../src/carbon/usual-plaintext.ts'
import type { LineForm } from '../../src/listen/line-intake.ts'
import { takeMetric } from '../../src/statsd/take-metric.ts'
import { usualMetrics } from '../../src/statsd/usual-metrics.ts'
import { Taken } from './taken.ts'

const CARBON: Required<LineForm> = { take: takePlaintext, usual: usualPlaintext }
const STATSD: Required<LineForm> = { take: takeMetric, usual: usualMetrics }

let seed = 7
function random(below: number): number {
  seed = (seed * 48_271) % 2_147_483_647
  return seed % below
}
const oneOf = <T>(list: readonly T[]): T => list[random(list.length)]!

const NAMES = [
  'a',
  'app.web.hits',
  'app.web.hits2',
  'app.web',
  'b;c=d',
  'é.x',
  'wrong!',
  'x'.repeat(40),
  '_e',
  '\u007f',
]
const NUMBERS = [
  '0',
  '-0',
  '1',
  '1.5',
  '.5',
  '5.',
  '-.25',
  '123456789012345',
  '0.000001',
  '12.3',
  '99999999999.125',
  '-7',
  '0012',
  '1234567890.12345',
  '0.10000000000000',
  '-123456789.012345',
]
const ODD = [
  '',
  ' a',
  'a\u0000b',
  'a\u0007',
  'a\tb',
  '"a"',
  'N',
  '-',
  '.',
  '+1',
  '1e3',
  '1..2',
  '1.2.3',
  'nan',
  '0x1',
  '--1',
  '1-',
  '1234567890123456',
  '0.1234567890123456',
  '1:2',
  'a:b',
  '|',
  'c',
  '1|g',
  '_e{1,1}',
  '_sc|a',
  '@',
  '#a',
]
const TIMES = ['1700000000', '1700000001', '1700000060', '1', '0', '253402300799', '0001700000000', '170000000']
const ODD_TIMES = [
  '-1',
  'N',
  '1700000000.5',
  '1700000000000',
  '253402300800',
  '-5',
  '1e9',
  '17000000001',
  '1700000000 ',
]
const TYPES = ['c', 'ms', 'g', 'h', 'd']
const ODD_TYPES = ['s', 'm', 'msx', 'cc', 'c|@0.5', 'ms|@1', 'c|#a:b', 'g|T1700000000', 'x', '', 'c:1|c', 'c|', 'C']

const part = (usual: readonly string[], odd: readonly string[]): string => oneOf(random(12) === 0 ? odd : usual)
const end = (): string => (random(15) === 0 ? oneOf(['\r\n', ' \n', '\n\n', '\r\r\n', '\u0000\n', '']) : '\n')
const gap = (usual: string): string => (random(15) === 0 ? oneOf(['  ', '\t', ' \t', '', ':', ' ', '|']) : usual)

const carbonLine = (): string =>
  part(NAMES, ODD) + gap(' ') + part(NUMBERS, ODD) + gap(' ') + part(TIMES, [...ODD, ...ODD_TIMES]) + end()
const metric = (): string =>
  part(NAMES, ODD) + gap(':') + part(NUMBERS, ODD) + gap('|') + part(TYPES, ODD_TYPES) + end()

describe('lines of the usual form', () => {
  it.each([
    ['Carbon', CARBON, carbonLine],
    ['StatsD', STATSD, metric],
  ])('are taken and refused as each by itself, however they are cut: %s', (_, form, line) => {
    let accepted = 0
    for (let round = 0; round < 200; round++) {
      const [expected, found] = [new Taken({ take: form.take }), new Taken(form)]
      const streams = [expected.stream(), found.stream()]
      // As servers repeat their lines, now and then in another order.
      const repeated = Array.from({ length: 6 }, line)
      const text = Array.from({ length: 8 }, () => (random(3) === 0 ? line() : repeated.join(''))).join('')
      const bytes = Buffer.from(random(2) === 0 ? text : text.slice(0, -1))
      const longest = oneOf([3, 40, 1_000])
      for (let at = 0; at < bytes.length; ) {
        const size = 1 + random(longest)
        for (const stream of streams) stream.take(bytes.subarray(at, at + size))
        at += size
      }
      for (const stream of streams) stream.end()
      for (const taken of [expected, found]) taken.packet(bytes)
      expect(found.log, JSON.stringify(text)).toEqual(expected.log)
      expect(found.stats).toEqual(expected.stats)
      accepted += found.stats.accepted
    }
    expect(accepted).toBeGreaterThan(1_000)
  })

  it.each([
    ['Carbon', CARBON, ['app.a 1 1700000000\n', 'app.b -2.5 1700000000\n', 'app.c .5 1700000001\n'], 'app.a 1 N\n'],
    ['StatsD', STATSD, ['a:1|c\n', 'b:2.5|ms\n', 'c:-1|d\n', 'd:5|g\n', 'e:7|h\n'], 'a:1|c|@0.5\n'],
  ])('are not given one by one: %s', (_, { take, usual }, lines, other) => {
    let single = 0
    const taken = new Taken({
      usual,
      take(...given) {
        single++
        return take(...given)
      },
    })
    const stream = taken.stream()
    stream.take(Buffer.from(lines.join('').repeat(3)))
    expect([taken.log.length, single]).toEqual([lines.length * 3, 0])
    stream.take(Buffer.from(other + lines[0]))
    expect([taken.log.length, single]).toEqual([lines.length * 3 + 2, 1])
  })

  it('have the names that they have, also where the table of names is emptied between them', () => {
    const taken = new Taken(CARBON)
    const streams = [taken.stream(), taken.stream()]
    const expected: string[] = []
    for (let round = 0; round < 50; round++) {
      const names = ['a', 'b', `c${round}`, round % 3 === 0 ? 'b' : 'd']
      for (const stream of streams) {
        stream.take(Buffer.from(names.map((name) => `${name} ${round} 1700000000\n`).join('')))
        expected.push(...names)
      }
    }
    expect(taken.log.map((entry) => (entry as [string])[0])).toEqual(expected)
  })
})
