import type { Call } from '../command.ts'
import type { Format } from '../flags/output.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { Column, Row } from './columns.ts'
import { tableOf } from './table.ts'
import { csvOf, jsonOf, shownOf } from './values.ts'

/** How rows are written. */
export interface Output {
  readonly columns: readonly Column[]
  readonly zone: string
  readonly format: string | undefined
  readonly signal: AbortSignal
  /** What a table says instead of nothing. */
  readonly nothing: string
}

/** Characters that are written together. */
const CHUNK = 65_536
/** Rows of a table that share the widths of their columns: more than a person reads. */
const TABLE = 1_000

/** The format that is written: on a terminal a table, in a pipe lines of JSON. */
function formatOf(format: string | undefined, { isInteractive }: Pick<Terminal, 'isInteractive'>): Format {
  return (format as Format | undefined) ?? (isInteractive ? 'table' : 'ndjson')
}

/** Writes rows as they come, in bounded memory. */
export async function writeRows(
  terminal: Call['terminal'],
  rows: AsyncIterable<Row> | Iterable<Row>,
  output: Output,
): Promise<void> {
  const pieces = WRITERS[formatOf(output.format, terminal)](rows, output, terminal)
  let text = ''
  for await (const piece of pieces) {
    output.signal.throwIfAborted()
    text += piece
    if (text.length < CHUNK) continue
    await terminal.write(text)
    text = ''
  }
  await terminal.write(text)
}

type Write = (
  rows: AsyncIterable<Row> | Iterable<Row>,
  output: Output,
  terminal: Terminal,
) => AsyncGenerator<string, void, undefined>

const WRITERS: Readonly<Record<Format, Write>> = {
  async *ndjson(rows, output) {
    for await (const row of rows) yield `${JSON.stringify(objectOf(row, output))}\n`
  },
  async *json(rows, output) {
    let before = '['
    for await (const row of rows) {
      yield `${before}\n${JSON.stringify(objectOf(row, output))}`
      before = ','
    }
    yield before === '[' ? '[]\n' : '\n]\n'
  },
  async *csv(rows, output) {
    const { columns } = output
    yield `${columns.map(({ key }) => csvOf(key)).join(',')}\n`
    for await (const row of rows) {
      const object = objectOf(row, output)
      yield `${columns.map(({ key }) => csvOf(object[key])).join(',')}\n`
    }
  },
  async *table(rows, output, terminal) {
    let waiting: Row[] = []
    let isEmpty = true
    for await (const row of rows) {
      isEmpty = false
      waiting.push(row)
      if (waiting.length < TABLE) continue
      yield tableOfRows(waiting, output, terminal)
      waiting = []
    }
    if (isEmpty) terminal.note(output.nothing)
    else if (waiting.length > 0) yield tableOfRows(waiting, output, terminal)
  },
}

function objectOf(row: Row, { columns, zone }: Output): Record<string, unknown> {
  return Object.fromEntries(columns.map((column) => [column.key, jsonOf(row[column.key], column, zone)]))
}

function tableOfRows(rows: readonly Row[], { columns, zone }: Output, { style }: Terminal): string {
  const shown = columns.filter(
    ({ key, machine, sparse }) => !machine && !(sparse && rows.every((row) => (row[key] ?? null) === null)),
  )
  return tableOf(
    shown.map(({ key }) => key),
    rows.map((row) => shown.map((column) => shownOf(jsonOf(row[column.key], column, zone)))),
    (text) => style('bold', text),
  )
}
