import { configOf } from '@kairos/core/calls'
import { checkKeys, invalidOption } from '@kairos/core/driver'
import { jsonOfData } from './cells/cell-json.ts'
import { type AnyCell, type CellChoice, type CellSource, choiceOf } from './cells/source.ts'
import { checkFormat, type Format } from './formats/options.ts'

/** A field of an exported cell. */
export type CellColumn = 'name' | 'interval' | 'start' | 'resolutionStart' | 'value' | 'expires'

/** What `exportCells` writes, and how. */
export interface ExportOptions extends CellChoice {
  /** Default `'ndjson'`. */
  readonly format?: Format | undefined
  /** Which fields, in this order; default: all. */
  readonly columns?: readonly CellColumn[] | undefined
  /** Of CSV: whether the first line names the columns; default true. */
  readonly header?: boolean | undefined
}

const COLUMNS: readonly CellColumn[] = ['name', 'interval', 'start', 'resolutionStart', 'value', 'expires']
const OPTIONS = ['names', 'prefix', 'intervals', 'start', 'end', 'signal', 'patience', 'format', 'columns', 'header']
/** Characters that are given out together. */
const CHUNK = 65_536

/**
 * The cells of a timeseries as text, in pieces, in bounded memory. Times are Unix seconds; a value is JSON that is the same on every store, and in CSV
 * a number or a text is written as it is. `importCells` reads all three formats back.
 * @throws KAIROS_INVALID_CONFIG, and what `cells` throws
 * @example `await pipeline(exportCells(views, { format: 'csv' }), createWriteStream('views.csv'))`
 */
export async function* exportCells(
  source: CellSource,
  options: ExportOptions = {},
): AsyncGenerator<string, void, undefined> {
  checkKeys(options, OPTIONS, { owner: 'exportCells' })
  const { format = 'ndjson', columns = COLUMNS, header = true } = options
  checkFormat(format)
  checkColumns(columns)
  const write = WRITERS[format](columns, header)
  const config = configOf(source)
  let text = write.before
  let isFirst = true
  for await (const cell of source.cells(choiceOf(options))) {
    text += write.cell({ ...cell, value: jsonOfData(config, cell.value) }, isFirst)
    isFirst = false
    if (text.length < CHUNK) continue
    yield text
    text = ''
  }
  text += write.after(isFirst)
  if (text !== '') yield text
}

function checkColumns(columns: unknown): asserts columns is readonly CellColumn[] {
  const isList = Array.isArray(columns) && columns.length > 0
  if (!isList || columns.some((column) => !(COLUMNS as readonly unknown[]).includes(column)))
    throw invalidOption({ path: 'columns', expected: `a list of ${COLUMNS.join(', ')}`, value: columns })
}

interface Writer {
  readonly before: string
  cell(cell: AnyCell, isFirst: boolean): string
  after(isEmpty: boolean): string
}

const WRITERS: Readonly<Record<Format, (columns: readonly CellColumn[], header: boolean) => Writer>> = {
  ndjson: (columns) => ({
    before: '',
    cell: (cell) => `${JSON.stringify(chosen(cell, columns))}\n`,
    after: () => '',
  }),
  json: (columns) => ({
    before: '[',
    cell: (cell, isFirst) => `${isFirst ? '\n' : ',\n'}${JSON.stringify(chosen(cell, columns))}`,
    after: (isEmpty) => (isEmpty ? ']\n' : '\n]\n'),
  }),
  csv: (columns, header) => ({
    before: header ? `${columns.join(',')}\n` : '',
    cell: (cell) => `${columns.map((column) => quoted(cell[column])).join(',')}\n`,
    after: () => '',
  }),
}

function chosen(cell: AnyCell, columns: readonly CellColumn[]): object {
  return Object.fromEntries(columns.map((column) => [column, cell[column]]))
}

function quoted(value: unknown): string {
  if (value === undefined || value === null) return ''
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
