import type { CallOptions } from '@kairos/core'
import { configOf } from '@kairos/core/calls'
import { checkKeys } from '@kairos/core/driver'
import { dataOfJson, scalarOf, type Values } from '../cells/cell-json.ts'
import type { AnyTimeseries } from '../cells/source.ts'
import { checkFormat, type Format } from '../formats/options.ts'
import { type ImportInput, rowsOf } from '../formats/rows.ts'
import { type ImportCalls, type ImportResult, importRows } from './batches.ts'
import { fieldReader } from './fields.ts'

/** What `importCells` reads, and how. */
export interface ImportCellsOptions extends ImportCalls, CallOptions {
  /** Default `'ndjson'`. */
  readonly format?: Format | undefined
  /** `'replace'` (default) sets each cell to its value, so that it can be repeated; `'merge'` adds to what is there. */
  readonly mode?: 'replace' | 'merge' | undefined
}

const FIELDS = ['name', 'interval', 'start', 'resolutionStart', 'value'] as const
const OPTIONS = ['format', 'mode', 'onDeadLetter', 'onProgress', 'skip', 'signal', 'patience']

/**
 * Writes the cells that `exportCells` wrote. Columns beside those of a cell are ignored, `expires` among them. Memory stays bounded.
 * @throws KAIROS_INVALID_CONFIG; KAIROS_INVALID_VALUE for a row that does not fit, without `onDeadLetter`; and what `write` throws
 * @example `await importCells(views, createReadStream('views.ndjson'))`
 */
export async function importCells(
  timeseries: AnyTimeseries,
  input: ImportInput,
  options: ImportCellsOptions = {},
): Promise<ImportResult> {
  checkKeys(options, OPTIONS, { owner: 'importCells' })
  const { format = 'ndjson', mode = 'replace', signal, patience } = options
  checkFormat(format)
  const read = fieldReader(FIELDS, {}, {})
  const config = configOf(timeseries)
  return importRows(
    rowsOf(input, format, { header: true, delimiter: ',' }),
    (row) => cellOf(config, read(row)),
    (cells) => timeseries.write(cells as never, { mode, signal, patience }),
    options,
  )
}

function cellOf(config: Values, fields: { readonly [Field in (typeof FIELDS)[number]]?: unknown }): object {
  const { name, interval, start, resolutionStart, value } = fields
  return {
    name,
    interval,
    start: scalarOf('float', start),
    ...(resolutionStart !== undefined &&
      resolutionStart !== '' && { resolutionStart: scalarOf('float', resolutionStart) }),
    value: dataOfJson(config, isText(config, value) ? parsedText(value as string) : value),
  }
}

/** Whether a value that is JSON came as text, as in a CSV. */
function isText({ type }: Values, value: unknown): boolean {
  return typeof value === 'string' && !['count', 'gauge', 'unique'].includes(type)
}

function parsedText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
