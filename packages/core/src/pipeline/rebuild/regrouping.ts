import type { CellValue } from '../../contract/cells.ts'
import { withDetails } from '../../error-details.ts'
import { KairosError } from '../../errors.ts'
import type { Interval, Settings } from '../../settings.ts'
import type { Merger } from '../../types/rules.ts'
import type { CheckedCell } from '../cells/check-cell.ts'
import type { FoundCell } from '../cells/windows.ts'
import { type FinestBuckets, finestBucketOf, finestOf } from '../finest.ts'
import { crossing } from './nesting.ts'

/** A bucket of the target, with all that the source holds for it. */
export interface RebuiltBucket {
  readonly name: string
  readonly bucket: number
  /** In Unix seconds. */
  readonly start: number
  readonly cells: readonly CheckedCell[]
  /** Whether nothing was read before it, and there may have been nothing at its start. */
  readonly isEdge: boolean
}

/** The bucket that is being made. */
interface Growing {
  readonly name: string
  readonly bucket: number
  readonly start: number
  readonly end: number
  readonly isEdge: boolean
  readonly cells: CheckedCell[]
  unit: { readonly end: number; readonly resolutionBucket: number; readonly merger: Merger } | undefined
}

/** Merges cells of the source, which come in the order of name and time, into buckets of the target. */
export class Regrouping {
  readonly #settings: Settings
  readonly #source: Interval
  readonly #target: Interval
  readonly #parts: FinestBuckets
  readonly #units: FinestBuckets
  readonly #stretch: { readonly start: number; readonly end: number }
  #growing: Growing | undefined

  constructor(
    settings: Settings,
    source: Interval,
    target: Interval,
    stretch: { readonly start: number; readonly end: number },
  ) {
    this.#settings = settings
    this.#source = source
    this.#target = target
    this.#parts = finestOf(source)
    this.#units = finestOf(target)
    this.#stretch = stretch
  }

  /** The buckets that are finished when these cells have been added. */
  add(cells: readonly FoundCell[]): RebuiltBucket[] {
    const finished: RebuiltBucket[] = []
    for (const cell of cells) {
      const part = finestBucketOf(this.#source, cell)
      const seconds = this.#parts.startOf(part)
      // A bucket of the source may be longer than one of the target, if its resolution is not.
      if (seconds < this.#stretch.start || seconds > this.#stretch.end) continue
      let growing = this.#growing
      if (growing === undefined || growing.name !== cell.name || seconds >= growing.end) {
        finished.push(...this.end())
        growing = this.#begin(cell.name, seconds, growing)
      }
      this.#addTo(growing, cell, part, seconds)
    }
    return finished
  }

  /** The last bucket. */
  end(): RebuiltBucket[] {
    const growing = this.#growing
    if (growing === undefined) return []
    this.#growing = undefined
    this.#finishUnit(growing)
    return [growing]
  }

  #begin(name: string, seconds: number, before: Growing | undefined): Growing {
    const { buckets } = this.#target
    const bucket = buckets.bucketOf(seconds)
    const start = buckets.startOf(bucket)
    const isEdge = before?.name !== name && seconds > start
    this.#growing = { name, bucket, start, end: buckets.endOf(bucket), isEdge, cells: [], unit: undefined }
    return this.#growing
  }

  #addTo(growing: Growing, { value }: FoundCell, part: number, seconds: number): void {
    if (growing.unit === undefined || seconds >= growing.unit.end) {
      this.#finishUnit(growing)
      const { resolution } = this.#target
      const unit = this.#units.bucketOf(seconds)
      growing.unit = {
        end: this.#units.endOf(unit),
        resolutionBucket: resolution === null ? 0 : resolution.stored(growing.bucket, unit),
        merger: this.#settings.rules.merger(),
      }
    }
    if (this.#parts.endOf(part) > growing.unit.end) throw crossing(this.#source, this.#target, part)
    growing.unit.merger.add(value)
  }

  #finishUnit({ name, bucket, cells, unit }: Growing): void {
    if (unit === undefined) return
    const { resolutionBucket, merger } = unit
    const interval = this.#target.name
    try {
      cells.push({ name, interval, bucket, resolutionBucket, value: merger.result() as CellValue })
    } catch (error) {
      throw KairosError.is(error) ? withDetails(error, { series: name, interval }) : error
    }
  }
}
