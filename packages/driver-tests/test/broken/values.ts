import type { CellValue, Scalar, StorageDriver } from '@kairos/core/driver'
import { type BrokenDriver, reading, wrapped } from './wrapped.ts'

/** Changes every scalar that is read. */
function revaluing(change: (scalar: Scalar) => Scalar): () => StorageDriver {
  const revalue = (value: CellValue): CellValue => {
    if (Array.isArray(value)) return value.map(change)
    if (value instanceof Map) return new Map(Array.from(value, ([scalar, times]) => [change(scalar), times]))
    if (value instanceof Set) return new Set(Array.from(value, change))
    return change(value as Scalar)
  }
  return reading((cells) => cells.map((cell) => ({ ...cell, value: revalue(cell.value) })))
}

/** Faults in values. */
export const valueFaults: readonly BrokenDriver[] = [
  {
    fault: 'doubles kept as floats of 32 bits',
    create: revaluing((scalar) => (typeof scalar === 'number' ? Math.fround(scalar) : scalar)),
    caughtBy: [
      'values: series of float: come back as they went in',
      'values: gauge of float: come back as they went in',
      'values: set of int: come back as they went in',
    ],
  },
  {
    fault: 'strings normalised',
    create: revaluing((scalar) => (typeof scalar === 'string' ? scalar.normalize('NFC') : scalar)),
    caughtBy: ['values: gauge of string: come back as they went in'],
  },
  {
    fault: '64-bit integers through doubles',
    create: revaluing((scalar) => (typeof scalar === 'bigint' ? BigInt(Number(scalar)) : scalar)),
    caughtBy: ['values: series of int64: come back as they went in'],
  },
  {
    fault: 'counts of 32 bits',
    create: revaluing((scalar) => (typeof scalar === 'number' && Number.isInteger(scalar) ? scalar | 0 : scalar)),
    caughtBy: ['merge: count: integers are exact to 2^53'],
  },
  ...(
    [
      ['16', 0xffff],
      ['32', 0xffffffff],
    ] as const
  ).map(([bits, most]) => ({
    fault: `times seen in ${bits} bits`,
    create: reading((cells) =>
      cells.map((cell) =>
        cell.value instanceof Map
          ? { ...cell, value: new Map(Array.from(cell.value, ([scalar, times]) => [scalar, times % (most + 1)])) }
          : cell,
      ),
    ),
    caughtBy: ['merge: histogram: occurrences are exact to 2^53'],
  })),
  {
    fault: 'bytes returned in a buffer that the next read overwrites',
    create: () => {
      const buffer = new Uint8Array(1_024)
      return revaluing((scalar) => {
        if (!(scalar instanceof Uint8Array) || scalar.length > 64) return scalar
        buffer.set(scalar)
        return buffer.subarray(0, scalar.length)
      })()
    },
    caughtBy: ['merge: gauge: bytes that were written or read are not shared'],
  },
  {
    fault: 'bytes kept as they were given',
    create: () => {
      const given = new Map<string, Scalar>()
      return wrapped((store) => ({
        async write(batch) {
          for (const { name, bucket, change } of batch.cells)
            if (change instanceof Uint8Array) given.set(`${bucket} ${name}`, change)
          await store.write(batch)
        },
        async read(query) {
          const cells = await store.read(query)
          return cells.map((cell) => ({ ...cell, value: given.get(`${cell.bucket} ${cell.name}`) ?? cell.value }))
        },
      }))
    },
    caughtBy: ['merge: gauge: bytes that were written or read are not shared'],
  },
  {
    fault: 'a text cut at 64 kB',
    create: revaluing((scalar) => (typeof scalar === 'string' ? scalar.slice(0, 65_535) : scalar)),
    caughtBy: ['values: series of text: come back as they went in', 'values: gauge of text: come back as they went in'],
  },
]
