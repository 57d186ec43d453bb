import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { KairosError } from '@kairos/core'
import {
  type AnyTimeseries,
  type Columns,
  type DeadRow,
  type Format,
  type ImportResult,
  importCells,
  importPoints,
  type PointField,
  type TimeUnit,
} from '@kairos/move'
import type { Call, Flag } from '../command.ts'
import { formatOfFile } from '../flags/text-format.ts'
import { Interrupted } from '../interrupted.ts'
import { Failed, Misuse, mustBe } from '../misuse.ts'
import { startProgress } from '../terminal/progress.ts'
import { showsTerminal } from '../terminal/terminal.ts'

interface ImportFlags {
  readonly format: Flag<'text'>
  readonly cells: Flag<'boolean'>
  readonly mode: Flag<'text'>
  readonly columns: Flag<'list'>
  readonly defaults: Flag<'list'>
  readonly headerless: Flag<'boolean'>
  readonly delimiter: Flag<'text'>
  readonly unit: Flag<'text'>
  readonly deadLetter: Flag<'text'>
  readonly skip: Flag<'whole'>
}
type ImportCall = Pick<Call<ImportFlags>, 'flags' | 'terminal' | 'signal'>

const FIELDS: readonly string[] = ['name', 'value', 'timestamp', 'times']
const NOTHING: ImportResult = { rows: 0, dead: 0, stored: 0, expired: 0 }

/** Imports files one after the other. An interruption ends it between two batches, and says how to go on. */
export async function importAll(
  timeseries: AnyTimeseries,
  files: readonly string[],
  call: ImportCall,
): Promise<ImportResult> {
  const { skip, deadLetter } = call.flags
  if (skip !== undefined && files.length > 1) throw new Misuse('--skip must be used with one file')
  const letters = deadLetter === undefined ? undefined : await deadLetters(deadLetter)
  let sums = NOTHING
  try {
    for (const file of files) sums = sumOf(sums, await importFile(timeseries, file, call, letters?.add))
  } finally {
    await letters?.close()
  }
  if (sums.dead > 0) call.terminal.report(`${sums.dead} rows did not fit: see ${deadLetter}`)
  return sums
}

async function importFile(
  timeseries: AnyTimeseries,
  file: string,
  { flags, terminal, signal }: ImportCall,
  onDeadLetter: ((row: DeadRow) => unknown) | undefined,
): Promise<ImportResult> {
  const { skip = 0, patience, cells, mode } = flags
  const format = (flags.format as Format | undefined) ?? formatOfFile(file) ?? 'ndjson'
  const progress = startProgress(terminal, 'rows')
  let done = NOTHING
  const stopIfAsked = (): void => {
    if (signal.aborted) throw interrupted(file, skip + done.rows + done.dead)
  }
  // A stream would report only later that there is no such file.
  if (file !== '-') await stat(file)
  if (file === '-' && showsTerminal(terminal.stdin)) terminal.note('reading rows from standard input: Ctrl-D ends it')
  const input = (file === '-' ? terminal.stdin : createReadStream(file)) as Readable
  const onProgress = (result: ImportResult): void => {
    done = result
    progress.update(result.rows + result.dead)
    stopIfAsked()
  }
  const shared = { format, skip, onDeadLetter, onProgress, patience }
  try {
    const pieces = untilAborted(input, signal, stopIfAsked)
    if (cells)
      return await importCells(timeseries, pieces, { ...shared, mode: mode as 'replace' | 'merge' | undefined })
    return await importPoints(timeseries, pieces, { ...shared, ...pointOptions(flags) })
  } catch (error) {
    throw KairosError.is(error) && error.code === 'KAIROS_INVALID_VALUE' ? unfit(file, error, cells) : error
  } finally {
    progress.stop()
  }
}

/** The data failed, not the command line. */
function unfit(file: string, { message, value }: KairosError, cells: boolean | undefined): Failed {
  const isCell = !cells && typeof value === 'string' && /\binterval\b/.test(value)
  const hint = isCell ? '; --cells reads what export wrote' : ''
  return new Failed(`${file}: ${message.replace('onDeadLetter', '--dead-letter')}${hint}`)
}

function interrupted(file: string, rows: number): Interrupted {
  return new Interrupted(`${rows} rows of ${file === '-' ? 'the input' : file} are in: go on with --skip ${rows}`)
}

/** An input that ends with an error when the call is interrupted, even while nothing comes. */
async function* untilAborted(
  input: Readable,
  signal: AbortSignal,
  stopIfAsked: () => void,
): AsyncGenerator<Uint8Array> {
  const { promise: aborted, resolve } = Promise.withResolvers<void>()
  const onAbort = (): void => resolve()
  signal.addEventListener('abort', onAbort)
  const pieces = input[Symbol.asyncIterator]()
  try {
    while (true) {
      stopIfAsked()
      const piece = await Promise.race([pieces.next(), aborted])
      stopIfAsked()
      if (piece === undefined || piece.done) return
      yield piece.value
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    // Nothing reads it any more, and an open one would keep the process alive.
    input.destroy()
  }
}

function pointOptions(flags: ImportCall['flags']): object {
  const { headerless, delimiter, unit } = flags
  return {
    columns: pairsOf('--columns', flags.columns) as Columns<PointField>,
    defaults: pairsOf('--defaults', flags.defaults),
    header: !headerless,
    ...(delimiter !== undefined && { delimiter: delimiter === '\\t' ? '\t' : delimiter }),
    unit: unit as TimeUnit | undefined,
  }
}

/** `name=path,value=ms` as an object. @throws Misuse */
function pairsOf(flag: string, pairs: readonly string[] = []): Readonly<Record<string, string>> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, field = '', place = ''] = /^([^=]*)=(.+)$/s.exec(pair) ?? []
      if (!FIELDS.includes(field) || place === '')
        throw mustBe(flag, `pairs such as name=path with one of ${FIELDS.join(', ')} on the left`, pair)
      return [field, place]
    }),
  )
}

/** Where rows go that do not fit: a line of JSON each. A file that exists is added to. */
async function deadLetters(file: string): Promise<{ add(row: DeadRow): void; close(): Promise<void> }> {
  const stream = createWriteStream(file, { flags: 'a' })
  // The first error is thrown by close.
  const ended = finished(stream)
  ended.catch(() => {})
  return {
    add: (row) => void stream.write(`${JSON.stringify(row)}\n`),
    async close() {
      stream.end()
      await ended
    },
  }
}

function sumOf(one: ImportResult, other: ImportResult): ImportResult {
  return {
    rows: one.rows + other.rows,
    dead: one.dead + other.dead,
    stored: one.stored + other.stored,
    expired: one.expired + other.expired,
  }
}
