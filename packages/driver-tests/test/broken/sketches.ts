import { setImmediate } from 'node:timers/promises'
import type { CellReplacement, CellStore, CellValue, CellWrite, StorageDriver, SummaryValue } from '@kairos/core/driver'
import { kinds } from '../../src/internal/kinds.ts'
import { type BrokenDriver, wrapped, writing } from './wrapped.ts'

type Merge = (value: CellValue, change: CellValue) => CellValue
type Sketch = 'summary' | 'distribution' | 'unique'

/** Reads a cell, merges, and writes it, with a moment between reading and writing. */
function apart(type: Sketch, merge: Merge, turns: number): () => StorageDriver {
  return () =>
    wrapped((store, schema) =>
      (schema.type as string) !== type
        ? {}
        : {
            async write({ cells, oldestLive }) {
              const merged: CellReplacement[] = []
              for (const { change, ...position } of cells) {
                const found = await cellAt(store, position)
                merged.push({ ...position, value: found === undefined ? change : merge(found, change) })
              }
              for (let turn = 0; turn < turns; turn++) await setImmediate()
              await store.replace!({ cells: merged, oldestLive })
            },
          },
    )
}

async function cellAt(store: CellStore, position: Omit<CellWrite, 'change'>): Promise<CellValue | undefined> {
  const { name, interval, bucket, resolutionBucket } = position
  const cells = await store.read({ names: [name], interval, range: { first: bucket, last: bucket } })
  return cells.find((cell) => cell.resolutionBucket === resolutionBucket)?.value
}

const { summary, unique } = kinds
const model = (type: Sketch) =>
  `model: ${type}: random calls on two instances give the same answers as the memory driver`
const together = (type: Sketch) =>
  `concurrency: ${type}: many callers of two instances write the same cells, and nothing is lost or doubled`
const LAST = 'merge: summary: the last value is that of the latest timestamp and, at the same one, that written last'

const DENSE = 'merge: unique: registers become dense when that is shorter, and the same again changes nothing'

/** Faults in cells of summaries, distributions and uniques. */
export const sketchFaults: readonly BrokenDriver[] = [
  ...(['summary', 'distribution', 'unique'] as const).map((type) => ({
    fault: `a ${type} that is read, merged and written in steps`,
    create: apart(type, kinds[type].merge, 1),
    caughtBy: [together(type)],
  })),
  {
    fault: 'a summary whose last value is that which arrived last',
    create: apart(
      'summary',
      (value, change) => {
        const { last, lastAt } = change as SummaryValue
        return { ...(summary.merge(value, change) as SummaryValue), last, lastAt }
      },
      0,
    ),
    caughtBy: [LAST, model('summary'), 'vectors: summary'],
  },
  {
    fault: 'a summary whose last value is the first of its moment',
    create: apart(
      'summary',
      (value, change) => {
        const [before, after] = [value as SummaryValue, summary.merge(value, change) as SummaryValue]
        return before.lastAt === after.lastAt ? { ...after, last: before.last } : after
      },
      0,
    ),
    caughtBy: [LAST],
  },
  {
    fault: 'a unique that keeps the registers of its last write',
    create: apart('unique', (_value, change) => change, 0),
    caughtBy: [model('unique'), DENSE, 'vectors: unique of string'],
  },
  {
    fault: 'a unique that changes with every write',
    create: apart(
      'unique',
      (value, change) => {
        const both = unique.merge(value, change) as Uint8Array
        return both.map((byte, at) => (at === both.length - 1 ? byte + 1 : byte))
      },
      0,
    ),
    caughtBy: [DENSE],
  },
  {
    fault: 'a distribution without negative bins',
    create: writing((cells) =>
      cells.map((cell) =>
        cell.change instanceof Map && [...cell.change.keys()].some((bin) => (bin as number) < -(2 ** 13))
          ? { ...cell, change: new Map([...cell.change].map(([bin, times]) => [Math.abs(bin as number), times])) }
          : cell,
      ),
    ),
    caughtBy: [model('distribution'), 'vectors: distribution'],
  },
  {
    fault: 'a summary whose batch is written twice though it has an id',
    create: () =>
      wrapped((store, schema) => ({
        write: ({ id, ...batch }) =>
          store.write((schema.type as string) === 'summary' ? batch : { ...batch, ...(id && { id }) }),
      })),
    caughtBy: ["capabilities: summary: delivery 'once'", 'capabilities: summary: a write with a key is stored once'],
  },
]
