import type { SummaryValue } from '@kairos/core/driver'
import { readFields, readNumbers } from '../scripts/read.ts'
import { deleteSummaries, replaceSummaries, summaryScript, writeSummaries } from '../scripts/summary.ts'
import { toNumber } from '../values/codecs.ts'
import { Damaged } from '../values/damaged.ts'
import { numbersOf, packSummaries, summaryOf, unpackSummaries } from '../values/summary-chunk.ts'
import type { Kind } from './kind.ts'

/** Six numbers in a record, many records in a chunk. */
export const summaryKind: Kind<SummaryValue> = {
  scripts: {
    write: writeSummaries,
    replace: replaceSummaries,
    deleteRange: deleteSummaries,
    read: readNumbers,
    fields: readFields,
    cell: summaryScript,
  },
  pack: (size, fields, changes) => ({ bytes: packSummaries(size, fields, changes), weight: changes.length }),
  encode(summary) {
    const bytes = Buffer.allocUnsafe(6 * 8)
    for (const [index, number] of numbersOf(summary).entries()) bytes.writeDoubleBE(number, index * 8)
    return bytes
  },
  unpack: unpackSummaries,
  decodeRow(row) {
    if (Array.isArray(row) && row.length === 6) return summaryOf(row.map(toNumber))
    throw new Damaged(`a summary must be six numbers, not ${JSON.stringify(row)}`)
  },
}
