import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { KairosError } from '@kairos/core'
import { type AnyTimeseries, type DeadRow, type ImportResult, importCells, importPoints } from '@kairos/move'
import type { Call, Flag } from '../command.ts'
import { textFormatOf } from '../flags/text-format.ts'
import { Interrupted } from '../interrupted.ts'
import { Failed, Misuse } from '../misuse.ts'
import { startProgress } from '../terminal/progress.ts'
import { showsTerminal } from '../terminal/terminal.ts'
import { openDeadLetters } from './dead-letters.ts'
import { type PointFlags, pointOptions } from './point-options.ts'
import { untilAborted } from './until-aborted.ts'

interface ImportFlags extends PointFlags {
  readonly format: Flag<'text'>
  readonly cells: Flag<'boolean'>
  readonly mode: Flag<'text'>
  readonly deadLetter: Flag<'text'>
  readonly skip: Flag<'whole'>
}
type ImportCall = Pick<Call<ImportFlags>, 'flags' | 'terminal' | 'signal'>

const NOTHING: ImportResult = { rows: 0, dead: 0, stored: 0, expired: 0 }

/** Imports files one after the other. An interruption ends it between two batches, and says how to continue. */
export async function importAll(
  timeseries: AnyTimeseries,
  files: readonly string[],
  call: ImportCall,
): Promise<ImportResult> {
  const { skip, deadLetter } = call.flags
  if (skip !== undefined && files.length > 1) throw new Misuse('--skip must be used with one file')
  const letters = deadLetter === undefined ? undefined : openDeadLetters(deadLetter)
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
  const format = textFormatOf(flags.format, file)
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
  const isElsewhere = message.includes('not undefined')
  const hint = isCell
    ? '; --cells reads what export wrote'
    : isElsewhere
      ? '; --columns says where a field is: timestamp=at'
      : ''
  // Of the first row there is nothing to continue behind.
  const inFlags = message
    .replace('; rows before it are stored: continue with skip 0, and onDeadLetter for', '; --dead-letter keeps')
    .replace(/skip (\d+), and onDeadLetter/, '--skip $1, and --dead-letter')
  return new Failed(`${file}: ${inFlags}${hint}`)
}

function interrupted(file: string, rows: number): Interrupted {
  return new Interrupted(
    `${rows} rows of ${file === '-' ? 'the input' : file} are imported: continue with --skip ${rows}`,
  )
}

function sumOf(one: ImportResult, other: ImportResult): ImportResult {
  return {
    rows: one.rows + other.rows,
    dead: one.dead + other.dead,
    stored: one.stored + other.stored,
    expired: one.expired + other.expired,
  }
}
