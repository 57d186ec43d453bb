import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { type DeadRow, digest, exportCells, importCells, importPoints } from '../src/index.ts'
import { allOf, emptySample, filledSample, SAMPLES, timeseriesOf } from './support/samples.ts'

const intervals = { minute: { step: 60 } } as const

describe('exported cells', () => {
  const forms = SAMPLES.flatMap((sample) =>
    (['ndjson', 'csv', 'json'] as const).map((format) => [sample, format] as const),
  )
  it.each(forms)('come back exactly: a %s as %s', async (sample, format) => {
    const timeseries = await filledSample(sample)
    const text = (await allOf(exportCells(timeseries, { format }))).join('')
    const copy = emptySample(sample)
    // In small pieces, which cut characters and rows.
    const bytes = Buffer.from(text)
    const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, at) => bytes.subarray(at * 7, at * 7 + 7))
    const { rows, dead } = await importCells(copy, Readable.from(pieces), { format })
    expect({ rows, dead }).toEqual({ rows: (await digest(timeseries)).cells, dead: 0 })
    expect(await digest(copy)).toEqual(await digest(timeseries))
  })

  it('are written with the columns asked for', async () => {
    const counts = timeseriesOf({ type: 'count', intervals })
    await counts.insert('a', 2.5, { timestamp: 61 })
    const text = (options: object): Promise<string> =>
      allOf(exportCells(counts, options)).then((pieces) => pieces.join(''))
    expect(await text({ format: 'csv', columns: ['value', 'name'] })).toBe('value,name\n2.5,a\n')
    expect(await text({ format: 'csv', columns: ['start'], header: false })).toBe('60\n')
    expect(await text({ format: 'json', columns: ['value'] })).toBe('[\n{"value":2.5}\n]\n')
    expect(await text({ format: 'json', names: 'b' })).toBe('[]\n')
    await expect(text({ columns: ['names'] })).rejects.toThrow('columns must be a list of name, interval')
    await expect(text({ format: 'xml' })).rejects.toThrow('format must be one of ndjson, csv, json, not "xml"')
  })
})

describe('imported points', () => {
  it('are read from NDJSON, CSV and JSON', async () => {
    const times = timeseriesOf({ type: 'histogram', valueType: 'int', intervals })
    const at = '2024-02-29T13:00:00Z'
    await importPoints(
      times,
      `{"name":"a","value":5,"timestamp":"${at}"}\n\n{"name":"a","value":[5,6],"timestamp":1709211600}`,
    )
    await importPoints(times, '\ufeffpath;took\r\nb;"7"\r\nb;7\r\n', {
      format: 'csv',
      delimiter: ';',
      columns: { name: 'path', value: 'took' },
      defaults: { timestamp: 1_709_211_600_000, times: 3 },
      unit: 'ms',
    })
    await importPoints(
      times,
      `[ {"name":"c","value":1,"timestamp":"2024-02-29 13:00"} , {"name":"c,]","value":2,"timestamp":1709211600,"times":2}]`,
      {
        format: 'json',
      },
    )
    await importPoints(times, '2024-02-29T14:00+01:00,d,9', {
      format: 'csv',
      header: false,
      columns: { timestamp: 0, name: 1, value: 2 },
    })
    const found = Object.fromEntries(
      (await allOf(times.cells())).map(({ name, start, value }) => [
        name,
        [start, [...(value as Map<number, number>)]],
      ]),
    )
    expect(found).toEqual({
      a: [
        1709211600,
        [
          [5, 2],
          [6, 1],
        ],
      ],
      b: [1709211600, [[7, 6]]],
      c: [1709211600, [[1, 1]]],
      'c,]': [1709211600, [[2, 2]]],
      d: [1709211600, [[9, 1]]],
    })
  })

  it('that do not fit go to the dead letters with a reason each, and the others are stored', async () => {
    const times = timeseriesOf({ type: 'series', valueType: 'int', intervals })
    const dead: DeadRow[] = []
    const good = Array.from({ length: 40 }, (_, index) => `{"name":"n${index}","value":${index},"timestamp":60}`)
    const bad = [
      '{"name":"x","value":1.5,"timestamp":60}',
      '{',
      '[]',
      '{"name":"","value":1,"timestamp":60}',
      '{"name":"x","value":1}',
    ]
    const result = await importPoints(
      times,
      [...good.slice(0, 20), ...bad, ...good.slice(20)].map((line) => `${line}\n`),
      {
        onDeadLetter: (row) => dead.push(row),
      },
    )
    expect(result).toEqual({ rows: 40, dead: 5, stored: 40, expired: 0 })
    expect(new Set((await allOf(times.cells())).map(({ name }) => name)).size).toBe(40)
    expect(dead.sort((one, other) => one.row - other.row)).toEqual([
      { row: 21, raw: bad[0], reason: expect.stringContaining('must be int (a safe integer), not 1.5') },
      { row: 22, raw: bad[1], reason: expect.stringContaining('must be JSON') },
      { row: 23, raw: bad[2], reason: expect.stringContaining('must be an object') },
      { row: 24, raw: expect.anything(), reason: expect.stringContaining('a name must be a non-empty string') },
      { row: 25, raw: bad[4], reason: expect.stringContaining('timestamp must be a number or ISO 8601') },
    ])
  })

  it('end at the first that does not fit where nobody takes it, with those before it stored', async () => {
    const counts = timeseriesOf({ type: 'count', intervals })
    const csv = 'name,value,timestamp\na,1,60\na,one,60\na,1,60\n'
    await expect(importPoints(counts, csv, { format: 'csv' })).rejects.toMatchObject({
      code: 'KAIROS_INVALID_VALUE',
      message: expect.stringMatching(/^row 2: .*; rows before it are stored: continue with skip 1, and onDeadLetter /),
      stored: 1,
    })
    expect((await allOf(counts.cells())).map(({ value }) => value)).toEqual([1])
  })

  it('pass over as many rows as asked', async () => {
    const csv = 'name,value,timestamp\na,1,60\na,one,60\na,2,60\n'
    for (const skip of [-1, 1.5, '2', Number.NaN]) {
      const importing = importPoints(timeseriesOf({ type: 'count', intervals }), csv, {
        format: 'csv',
        skip: skip as never,
      })
      await expect(importing).rejects.toThrow('skip must be a whole number from 0, not')
    }
    const counts = timeseriesOf({ type: 'count', intervals })
    expect((await importPoints(counts, csv, { format: 'csv', skip: 2 })).rows).toBe(1)
    expect((await allOf(counts.cells())).map(({ value }) => value)).toEqual([2])
  })

  it.each([
    [
      'csv',
      'name,value,timestamp\na,1\n"c"x,1,60\nb,1,60\nd,"1,60\ne,1,60\n',
      ['must have 3 columns', 'followed by "x"', 'not closed'],
    ],
    ['json', '[{"name":"a" "value":1},{"name":"b","value":1,"timestamp":60}]', ['must be JSON']],
  ] as const)('of broken %s are dead one by one', async (format, text, reasons) => {
    const counts = timeseriesOf({ type: 'count', intervals })
    const dead: string[] = []
    const { rows } = await importPoints(counts, text, { format, onDeadLetter: ({ reason }) => dead.push(reason) })
    expect(rows).toBe(1)
    expect(dead).toEqual(reasons.map((reason) => expect.stringContaining(reason)))
  })

  it.each([
    ['{"name":"a"}', 'must be one JSON list and begin with ['],
    ['[{"name":"a"', 'must be one JSON list and end with ]'],
    ['[] []', 'must be one JSON list and have nothing after its ]'],
  ])('are refused where the text is not one list: %s', async (text, message) => {
    const counts = timeseriesOf({ type: 'count', intervals })
    await expect(importPoints(counts, text, { format: 'json', onDeadLetter: () => {} })).rejects.toThrow(message)
  })

  it('pass on what their source throws', async () => {
    const counts = timeseriesOf({ type: 'count', intervals })
    for (const format of ['csv', 'ndjson', 'json'] as const) {
      async function* broken(): AsyncGenerator<string> {
        yield '['
        throw new Error('the disk is gone')
      }
      await expect(importPoints(counts, broken(), { format, onDeadLetter: () => {} })).rejects.toThrow(
        'the disk is gone',
      )
    }
  })
})
