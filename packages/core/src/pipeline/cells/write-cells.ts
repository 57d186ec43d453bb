import type { CellWriteResult } from '../../api/cells.ts'
import { withDetails } from '../../error-details.ts'
import { KairosError } from '../../errors.ts'
import { describe } from '../../internal/describe.ts'
import { invalidOption } from '../../internal/invalid-option.ts'
import { isObject } from '../../internal/kinds.ts'
import { callEnded } from '../call-ended.ts'
import { type Fields, optionsOf } from '../call-options.ts'
import { CALL_OPTIONS, callPlanOf } from '../call-plan.ts'
import type { CallPlan, Context } from '../context.ts'
import { MOST_VALUES } from '../write/batches.ts'
import { Source } from '../write/source.ts'
import { notWritten } from '../write/write-errors.ts'
import { CellBatches } from './cell-batches.ts'
import { type CheckedCell, cellChecker } from './check-cell.ts'
import { checkReplaces } from './check-replaces.ts'
import { cellTeller } from './told-cell.ts'

const OPTIONS = ['mode', ...CALL_OPTIONS]

/** Writes cells in bounded batches: adds them to what is there, or sets them. Lists are checked whole before anything is written. */
export async function write(context: Context, cells: unknown, options: unknown): Promise<CellWriteResult> {
  const { writeOptions } = context.driver.capabilities
  const fields = optionsOf(options, OPTIONS, writeOptions)
  const replaces = modeOf(fields) === 'replace'
  if (replaces) checkReplaces(context, "mode: 'replace'")
  const writer = new CellWriter(context, callPlanOf(fields, writeOptions), replaces)
  if (Array.isArray(cells)) return writer.writeList(cells)
  if (isObject(cells) && Symbol.asyncIterator in cells) return writer.writeStream(cells as AsyncIterable<unknown>)
  if (isObject(cells) && Symbol.iterator in cells) return writer.writeEach(cells as Iterable<unknown>)
  throw new KairosError(
    'KAIROS_INVALID_VALUE',
    `cells must be a list or an iterable of { name, interval, start, value }, not ${describe(cells)}`,
    { value: cells },
  )
}

function modeOf({ mode = 'merge' }: Fields): 'merge' | 'replace' {
  if (mode === 'merge' || mode === 'replace') return mode
  throw invalidOption('mode', `mode must be 'merge' or 'replace', not ${describe(mode)}`)
}

/** Checks the caller's cells, and writes them in batches. */
class CellWriter {
  readonly #context: Context
  readonly #plan: CallPlan
  readonly #replaces: boolean
  readonly #check: (cell: unknown) => CheckedCell
  readonly #batches: CellBatches
  readonly #tally: CellWriteResult

  constructor(context: Context, plan: CallPlan, replaces: boolean) {
    this.#context = context
    this.#plan = plan
    this.#replaces = replaces
    this.#batches = new CellBatches(context, plan, replaces)
    this.#tally = this.#batches.tally
    const check = cellChecker(context, replaces)
    this.#check = (cell) => {
      const checked = check(cell)
      if (checked.expected !== undefined) this.#checkExpected(checked)
      return checked
    }
  }

  async writeList(cells: readonly unknown[]): Promise<CellWriteResult> {
    const checked = cells.map(this.#check)
    let index = 0
    try {
      for (; index < checked.length; index++) {
        const written = this.#batches.add(checked[index]!)
        if (written !== undefined) await written
      }
      await this.#batches.flush()
    } catch (error) {
      throw this.#withRest(error, checked.slice(index))
    }
    return this.#tally
  }

  async writeEach(cells: Iterable<unknown>): Promise<CellWriteResult> {
    for (const cell of cells) {
      this.#checkEnds()
      const written = this.#addChecked(cell)
      if (written !== undefined) await written
    }
    return this.#finish()
  }

  /** Neither an abort nor a close waits for a silent source. */
  async writeStream(cells: AsyncIterable<unknown>): Promise<CellWriteResult> {
    const source = new Source(cells)
    const { signal } = this.#plan.callOptions
    const ends = [this.#context.calls.closing, ...(signal === undefined ? [] : [signal])]
    const wake = (): void => source.wake()
    for (const end of ends) end.addEventListener('abort', wake)
    let written: Promise<void> | undefined
    const take = (cell: unknown): boolean => {
      written = this.#addChecked(cell)
      return written !== undefined
    }
    try {
      for (;;) {
        this.#checkEnds()
        const pause = await source.read(take)
        if (pause === 'ended') return await this.#finish()
        if (pause === 'enough') await written
      }
    } catch (error) {
      await source.leave()
      throw error
    } finally {
      for (const end of ends) end.removeEventListener('abort', wake)
    }
  }

  async #finish(): Promise<CellWriteResult> {
    await this.#batches.flush()
    return this.#tally
  }

  #addChecked(cell: unknown): Promise<void> | undefined {
    let checked: CheckedCell
    try {
      checked = this.#check(cell)
    } catch (error) {
      throw withDetails(error, { stored: this.#tally.stored, expired: this.#tally.expired })
    }
    return this.#batches.add(checked)
  }

  /** @throws KAIROS_ABORTED, KAIROS_CLOSED, with the cells that wait */
  #checkEnds(): void {
    const error = callEnded(this.#context, this.#plan)
    if (error !== undefined) throw notWritten(this.#context, this.#refused(this.#batches.waiting), this.#tally, error)
  }

  #checkExpected({ name, value }: CheckedCell): void {
    const { driver, settings } = this.#context
    if (!driver.capabilities.replace!.expected) {
      throw new KairosError('KAIROS_UNSUPPORTED', `expected is not supported by the ${driver.id} store`, {
        driver: driver.id,
        feature: 'replace.expected',
      })
    }
    if (value === null || settings.rules.size(value) <= MOST_VALUES) return
    const fault = `expected must be used with at most ${MOST_VALUES} values in a cell (series ${describe(name)})`
    throw new KairosError('KAIROS_INVALID_VALUE', fault, { series: name })
  }

  /** The error of a list names all of its cells that were not written. */
  #withRest(error: unknown, rest: readonly CheckedCell[]): unknown {
    if (!KairosError.is(error) || error.notApplied === undefined) return error
    const tell = cellTeller(this.#context.settings)
    const { retention } = this.#context
    const oldestLive = retention.oldestLive(retention.now())
    const live = rest.filter(({ interval, bucket }) => bucket >= oldestLive[interval]!)
    const told = live.map((cell) => tell(cell, cell.value, cell.expected))
    return withDetails(error, { notApplied: [...error.notApplied, ...told] })
  }

  #refused(cells: readonly CheckedCell[]): Parameters<typeof notWritten>[1] {
    return this.#replaces ? cells : cells.map(({ value, ...position }) => ({ ...position, change: value! }))
  }
}
