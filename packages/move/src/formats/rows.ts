import { KairosError } from '@kairos/core'
import { describe, isRecord, messageOf } from '@kairos/core/driver'
import { type CsvRecord, CsvScanner } from './csv.ts'
import { JsonListScanner } from './json-list.ts'
import type { Format } from './options.ts'

/** Text, bytes, or pieces of either: a string, what `fs.createReadStream` or `fetch(…).body` gives, a list of lines. */
export type ImportInput = string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>

/** A row of the input: its fields, or why it has none. */
export type Row = { readonly row: number; readonly raw: string } & (
  | { readonly fields: Readonly<Record<string, unknown>> }
  | { readonly reason: string }
)

/** How a CSV is written. */
export interface CsvForm {
  readonly header: boolean
  readonly delimiter: string
}

/** The rows of the input in their order, one at a time. */
export function rowsOf(input: ImportInput, format: Format, form: CsvForm): AsyncIterable<Row> {
  const text = decoded(piecesOf(input))
  if (format === 'csv') return csvRows(text, form)
  return format === 'json' ? jsonRows(text) : ndjsonRows(text)
}

type Pieces = Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>

function piecesOf(input: ImportInput): Pieces {
  if (typeof input === 'string' || input instanceof Uint8Array) return [input]
  if (typeof input === 'object' && input !== null && (Symbol.asyncIterator in input || Symbol.iterator in input))
    return input
  throw invalid(`the input must be text, bytes or an iterable of them, not ${describe(input)}`, input)
}

async function* decoded(pieces: Pieces): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let isFirst = true
  for await (const piece of pieces) {
    const text = typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true })
    if (text === '') continue
    // The decoder drops the mark at the beginning of bytes; a text may have one too.
    yield isFirst && text.startsWith('\ufeff') ? text.slice(1) : text
    isFirst = false
  }
  const rest = decoder.decode()
  if (rest !== '') yield rest
}

/** How many characters a row may have: one that never ends must not fill the memory. */
const MOST = 256 * 1024 * 1024

function checkLength(length: number, row: number): void {
  if (length > MOST) throw invalid(`row ${row + 1} must be at most ${MOST} characters long; is this the right format?`)
}

async function* ndjsonRows(text: AsyncIterable<string>): AsyncGenerator<Row> {
  let rest = ''
  let row = 0
  for await (const piece of text) {
    const lines = (rest + piece).split('\n')
    rest = lines.pop()!
    checkLength(rest.length, row)
    for (const line of lines) {
      row++
      if (line.trim() !== '') yield parsed(row, line)
    }
  }
  if (rest.trim() !== '') yield parsed(row + 1, rest)
}

async function* jsonRows(text: AsyncIterable<string>): AsyncGenerator<Row> {
  const scanner = new JsonListScanner()
  let row = 0
  for await (const piece of text) {
    for (const element of scanner.add(piece)) yield parsed(++row, element)
    checkLength(scanner.pending, row)
  }
  scanner.end()
}

function parsed(row: number, raw: string): Row {
  try {
    const fields: unknown = JSON.parse(raw)
    if (isRecord(fields)) return { row, raw, fields }
    return { row, raw, reason: `a row must be an object, not ${describe(fields)}` }
  } catch (error) {
    return { row, raw, reason: `a row must be JSON: ${messageOf(error)}` }
  }
}

async function* csvRows(text: AsyncIterable<string>, { header, delimiter }: CsvForm): AsyncGenerator<Row> {
  const scanner = new CsvScanner(delimiter)
  let columns: readonly string[] | undefined
  let row = 0
  function* rows(records: Iterable<CsvRecord>): Generator<Row> {
    for (const record of records) {
      if (header && columns === undefined) columns = record.fields
      else yield fieldsOfRecord(++row, record, columns)
    }
  }
  for await (const piece of text) {
    yield* rows(scanner.add(piece))
    checkLength(scanner.pending, row)
  }
  yield* rows(scanner.end())
}

function fieldsOfRecord(row: number, { raw, fields, fault }: CsvRecord, columns: readonly string[] | undefined): Row {
  if (fault !== undefined) return { row, raw, reason: `a row must be CSV: ${fault}` }
  if (columns === undefined) return { row, raw, fields: Object.fromEntries(fields.entries()) }
  if (fields.length !== columns.length)
    return { row, raw, reason: `a row must have ${columns.length} columns, as the header has, not ${fields.length}` }
  return { row, raw, fields: Object.fromEntries(columns.map((column, index) => [column, fields[index]!])) }
}

function invalid(message: string, value?: unknown): KairosError {
  return new KairosError('KAIROS_INVALID_VALUE', message, { value })
}
