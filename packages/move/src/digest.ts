import { hash } from 'node:crypto'
import type { CellData } from '@kairos/core'
import { type CheckedConfig, configOf } from '@kairos/core/calls'
import { jsonOfData } from './cells/cell-json.ts'
import { type AnyCell, type CellChoice, type CellSource, choiceOf } from './cells/source.ts'

/** How many cells there are, and 32 hexadecimal digits that are the same wherever the cells are the same. */
export interface CellsDigest {
  readonly cells: number
  readonly digest: string
}

/** The digest of a timeseries, and of each of its intervals that has cells. */
export interface Digest extends CellsDigest {
  readonly intervals: Readonly<Record<string, CellsDigest>>
}

/**
 * Reads every cell and resolves to how many there are and a digest of them, which is the same on every store that holds the same: name, interval,
 * start and value count, not the order in which they come, nor how long they are kept. The cells are hashed one by one (SHA-256) and the hashes
 * added up, so that no order is needed, and memory stays bounded.
 * @throws KAIROS_INVALID_CONFIG for what is not a timeseries, and what `cells` throws
 * @example `(await digest(views)).digest === (await digest(copy)).digest // true: every cell is the same`
 */
export async function digest(source: CellSource, options: CellChoice = {}): Promise<Digest> {
  const sums = new DigestSums(configOf(source))
  for await (const cell of source.cells(choiceOf(options))) sums.add(cell)
  return sums.result
}

/** Adds up the hashes of cells. */
export class DigestSums {
  readonly #config: Pick<CheckedConfig, 'type'>
  readonly #sums = new Map<string, { cells: number; high: bigint; low: bigint }>()

  constructor(config: Pick<CheckedConfig, 'type'>) {
    this.#config = config
  }

  add({
    name,
    interval,
    start,
    resolutionStart,
    value,
  }: Pick<AnyCell, 'name' | 'interval' | 'start' | 'resolutionStart'> & { readonly value: CellData }): void {
    const text = JSON.stringify([interval, name, start, resolutionStart ?? null, jsonOfData(this.#config, value)])
    const bytes = hash('sha256', text, 'buffer')
    const sum = this.#sums.get(interval) ?? { cells: 0, high: 0n, low: 0n }
    sum.cells++
    sum.high += bytes.readBigUInt64BE(0)
    sum.low += bytes.readBigUInt64BE(8)
    this.#sums.set(interval, sum)
  }

  /** Adds what another one has added up. */
  absorb(other: DigestSums): void {
    for (const [interval, { cells, high, low }] of other.#sums) {
      const sum = this.#sums.get(interval) ?? { cells: 0, high: 0n, low: 0n }
      this.#sums.set(interval, { cells: sum.cells + cells, high: sum.high + high, low: sum.low + low })
    }
  }

  get result(): Digest {
    const all = { cells: 0, high: 0n, low: 0n }
    const intervals: [string, CellsDigest][] = []
    for (const [interval, sum] of this.#sums) {
      all.cells += sum.cells
      all.high += sum.high
      all.low += sum.low
      intervals.push([interval, told(sum)])
    }
    return { ...told(all), intervals: Object.fromEntries(intervals.sort(([one], [other]) => (one < other ? -1 : 1))) }
  }
}

function told({
  cells,
  high,
  low,
}: {
  readonly cells: number
  readonly high: bigint
  readonly low: bigint
}): CellsDigest {
  const digits = (sum: bigint): string => BigInt.asUintN(64, sum).toString(16).padStart(16, '0')
  return { cells, digest: digits(high) + digits(low) }
}
