import type { CellWriteResult } from '../../api/cells.ts'
import { aborted } from '../../calls/retry.ts'
import { createYielder } from '../../calls/yielder.ts'
import { withDetails } from '../../error-details.ts'
import { KairosError } from '../../errors.ts'
import { describe } from '../../internal/describe.ts'
import { isObject } from '../../internal/kinds.ts'
import { compareCodeUnits } from '../../internal/order.ts'
import { type Fields, invalidOption, optionsOf } from '../call-options.ts'
import { CALL_OPTIONS, callPlanOf } from '../call-plan.ts'
import type { CallPlan, Context } from '../context.ts'
import { MOST_CELLS, MOST_VALUES } from '../write/batches.ts'
import { commit } from '../write/group-commit.ts'
import { Source } from '../write/source.ts'
import { keyOf } from '../write/undecided.ts'
import { notWritten } from '../write/write-errors.ts'
import { PLAIN } from '../write/write-plan.ts'
import { type CheckedCell, cellChecker } from './check-cell.ts'
import { replaceCells } from './replace-cells.ts'
import { cellTeller } from './told-cell.ts'

const OPTIONS = ['mode', ...CALL_OPTIONS]

/** Writes cells in bounded batches: adds them to what is there, or sets them. Lists are checked whole before anything is written. */
export async function write(context: Context, cells: unknown, options: unknown): Promise<CellWriteResult> {
  const { writeOptions } = context.driver.capabilities
  const fields = optionsOf(options, OPTIONS, writeOptions)
  const replaces = modeOf(fields) === 'replace'
  if (replaces) checkReplaces(context)
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

function checkReplaces({ driver: { id, capabilities } }: Context): void {
  if (capabilities.replace !== undefined) return
  throw new KairosError('KAIROS_UNSUPPORTED', `mode: 'replace' is not supported by the ${id} store`, {
    driver: id,
    feature: 'replace',
  })
}

/** Collects cells until they fill a batch, and writes it. */
class CellWriter {
  readonly #context: Context
  readonly #plan: CallPlan
  readonly #replaces: boolean
  readonly #check: (cell: unknown) => CheckedCell
  readonly #turn = createYielder()
  readonly #tally: CellWriteResult = { stored: 0, expired: 0, unexpected: [] }
  #cells = new Map<string, CheckedCell>()
  #values = 0

  constructor(context: Context, plan: CallPlan, replaces: boolean) {
    this.#context = context
    this.#plan = plan
    this.#replaces = replaces
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
      for (; index < checked.length; index++) await this.#add(checked[index]!)
      await this.#flush()
    } catch (error) {
      throw this.#withRest(error, checked.slice(index))
    }
    return this.#tally
  }

  async writeEach(cells: Iterable<unknown>): Promise<CellWriteResult> {
    for (const cell of cells) {
      this.#checkEnds()
      await this.#addChecked(cell)
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
    try {
      for (;;) {
        this.#checkEnds()
        const next = await source.next()
        if (next?.done) return await this.#finish()
        if (next !== null) await this.#addChecked(next.value)
      }
    } catch (error) {
      await source.leave()
      throw error
    } finally {
      for (const end of ends) end.removeEventListener('abort', wake)
    }
  }

  async #finish(): Promise<CellWriteResult> {
    await this.#flush()
    return this.#tally
  }

  async #addChecked(cell: unknown): Promise<void> {
    let checked: CheckedCell
    try {
      checked = this.#check(cell)
    } catch (error) {
      throw withDetails(error, { stored: this.#tally.stored, expired: this.#tally.expired })
    }
    await this.#add(checked)
  }

  /** A cell that comes again waits until the one before is written: the later one is added, or counts. */
  async #add(cell: CheckedCell): Promise<void> {
    const { retention, settings } = this.#context
    if (cell.bucket < retention.oldestLive(retention.now())[cell.interval]!) {
      this.#tally.expired++
      return
    }
    const key = keyOf(cell)
    const size = sizeOf(settings.rules, cell)
    const isFull = this.#cells.size === MOST_CELLS || this.#values + size > MOST_VALUES
    if (isFull || this.#cells.has(key)) await this.#flush()
    this.#cells.set(key, cell)
    this.#values += size
  }

  async #flush(): Promise<void> {
    const cells = [...this.#cells.values()].sort(inBatchOrder)
    this.#cells = new Map()
    this.#values = 0
    if (cells.length === 0) return
    if (this.#replaces) await replaceCells(this.#context, this.#plan, cells, this.#tally)
    else await this.#merge(cells)
    await this.#turn()
  }

  async #merge(cells: readonly CheckedCell[]): Promise<void> {
    const pending = cells.map(({ value, ...position }) => ({ ...position, change: value!, pairs: 1 }))
    const plan = { ...PLAIN, ...this.#plan, signal: this.#plan.callOptions.signal }
    await commit(this.#context, plan, pending, this.#context.retention.now(), this.#tally)
  }

  /** @throws KAIROS_ABORTED, KAIROS_CLOSED, with the cells that wait */
  #checkEnds(): void {
    const { calls, driver } = this.#context
    const { signal } = this.#plan.callOptions
    const error = signal?.aborted ? aborted(signal) : calls.closing.aborted ? calls.closedError(driver.id) : undefined
    if (error !== undefined)
      throw notWritten(this.#context, this.#refused([...this.#cells.values()]), this.#tally, error)
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

function sizeOf(rules: Context['settings']['rules'], { value, expected }: CheckedCell): number {
  return (
    (value === null ? 1 : rules.size(value)) + (expected === undefined || expected === null ? 0 : rules.size(expected))
  )
}

function inBatchOrder(one: CheckedCell, other: CheckedCell): number {
  return (
    compareCodeUnits(one.name, other.name) ||
    compareCodeUnits(one.interval, other.interval) ||
    one.bucket - other.bucket ||
    one.resolutionBucket - other.resolutionBucket
  )
}
