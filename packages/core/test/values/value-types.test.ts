import { describe, expect, it } from 'vitest'
import type { ValueType } from '../../src/index.ts'
import { createAny } from '../support/any-timeseries.ts'
import { failureOf } from '../support/failure.ts'
import { faultyDriver } from '../support/faulty-driver.ts'

const MAX = 2n ** 63n - 1n

/** What goes in, and what comes back. */
const ACCEPTED: Readonly<Record<ValueType, readonly (readonly [written: unknown, read: unknown])[]>> = {
  float: [
    [0.1, 0.1],
    [-0, 0],
    [5e-324, 5e-324],
    [Number.MAX_VALUE, Number.MAX_VALUE],
  ],
  int: [
    [-0, 0],
    [Number.MIN_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
  ],
  int64: [
    [MAX, MAX],
    [-MAX - 1n, -MAX - 1n],
    [5, 5n],
    [-0, 0n],
  ],
  decimal: [
    ['1.50', '1.5'],
    ['-0', '0'],
    ['-0.000', '0'],
    ['+007', '7'],
    ['1234567890123456789012345678901234', '1234567890123456789012345678901234'],
    ['-0.00000000001234567890123456789012345678901234', '-0.00000000001234567890123456789012345678901234'],
  ],
  string: [
    ['', ''],
    ['a\0b', 'a\0b'],
    ['__proto__', '__proto__'],
    ['é', 'é'],
    ['e\u0301', 'e\u0301'],
  ],
  text: [['x'.repeat(100_000), 'x'.repeat(100_000)]],
  boolean: [
    [true, true],
    [false, false],
  ],
  blob: [
    [new Uint8Array([0, 255]), new Uint8Array([0, 255])],
    [Buffer.from('hi'), new Uint8Array([104, 105])],
    [new Uint8Array(0), new Uint8Array(0)],
  ],
  date: [
    ['0001-01-01', '0001-01-01'],
    ['2024-02-29', '2024-02-29'],
  ],
  time: [
    ['23:59:59', '23:59:59'],
    ['10:00:00.120000', '10:00:00.12'],
    ['10:00:10.000000', '10:00:10'],
  ],
  datetime: [[new Date(1_234), new Date(1_234)]],
  inet: [
    ['192.168.0.1', '192.168.0.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['::', '::'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:0:2:3:0:0:4', '1::2:3:0:0:4'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['::FFFF:c000:201', '::ffff:192.0.2.1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ],
}

const REFUSED: Readonly<Record<ValueType, readonly unknown[]>> = {
  float: [Number.NaN, Number.POSITIVE_INFINITY, '1', 1n, true, null, undefined, {}, new Date(0)],
  int: [0.5, 2 ** 53, Number.NaN, 1n, '1'],
  int64: [MAX + 1n, -MAX - 2n, 2 ** 53, 0.5, '1'],
  decimal: [1, '', '.5', '5.', '1e5', '1,5', ' 1', '--1', '12345678901234567890123456789012345', 'NaN'],
  string: ['\ud800', 'a\udc00', 1, null],
  text: ['\ud800', 1],
  boolean: [0, 'true', null],
  blob: ['bytes', new ArrayBuffer(2), new Uint16Array(2)],
  date: ['2023-02-29', '0000-01-01', '2024-13-01', '2024-1-1', '2024-01-01T00:00', new Date(0)],
  time: ['24:00:00', '23:60:00', '12:00', '12:00:00.', '12:00:00.1234567'],
  datetime: [new Date(Number.NaN), 0, '2024-01-01'],
  inet: [
    '256.0.0.1',
    '1.2.3',
    '01.2.3.4',
    '1.2.3.4/8',
    'fe80::1%eth0',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    'host',
  ],
}

const intervals = { hour: { step: '1h' } }

describe.each(Object.keys(ACCEPTED) as ValueType[])('%s', (valueType) => {
  it.each(ACCEPTED[valueType])('%o comes back as %o', async (written, read) => {
    const series = createAny('memory:', { type: 'series', valueType, intervals })
    const gauge = createAny('memory:', { type: 'gauge', valueType, intervals })
    await series.insert('a', [written])
    await gauge.insert('a', written)
    const [values] = [...(await series.get('a', 'hour')).values()] as [unknown[]]
    const [last] = [...(await gauge.get('a', 'hour')).values()]
    expect(values).toStrictEqual([read])
    expect(last).toStrictEqual(read)
    expect(Object.is(last, -0)).toBe(false)
  })

  it.each(REFUSED[valueType])('%o does not fit', async (value) => {
    const series = createAny('memory:', { type: 'series', valueType, intervals })
    const error = await failureOf(() => series.insert('app.hits', value, {}), 'KAIROS_INVALID_VALUE')
    expect(error.series).toBe('app.hits')
    expect(error.value).toBe(value)
    expect(error.message).toContain('"app.hits"')
    expect(error.message).toContain(valueType)
    expect(await series.list()).toEqual([])
  })
})

it('bytes are copied on their way in and out', async () => {
  const blobs = createAny('memory:', { type: 'gauge', valueType: 'blob', intervals })
  const mine = new Uint8Array([1, 2])
  const read = async (): Promise<Uint8Array> => [...(await blobs.get('a', 'hour')).values()][0] as Uint8Array
  await blobs.insert('a', mine)
  mine[0] = 9
  ;(await read())[1] = 9
  expect(await read()).toStrictEqual(new Uint8Array([1, 2]))
})

it('bytes may be used again by the caller while they are being written', async () => {
  const driver = faultyDriver()
  const blobs = createAny(driver, { type: 'series', valueType: 'blob', intervals })
  const mine = new Uint8Array([1, 2])
  driver.faults.push(async ({ cells }, write) => {
    mine[0] = 9
    await write(cells)
  })
  await blobs.insert('a', mine)
  expect([...(await blobs.get('a', 'hour')).values()]).toStrictEqual([[new Uint8Array([1, 2])]])
})

it('a decimal full of zeros takes no time', async () => {
  const decimals = createAny('memory:', { type: 'gauge', valueType: 'decimal', intervals })
  await failureOf(() => decimals.insert('a', `0.${'0'.repeat(1_000_000)}1`), 'KAIROS_INVALID_VALUE')
})
