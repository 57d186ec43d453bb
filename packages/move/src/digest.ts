import { hash } from 'node:crypto'
import type { CellData } from '@kairos/core'
import { type CheckedConfig, configOf } from '@kairos/core/calls'
import { jsonOfData } from './cells/cell-json.ts'
import { type AnyCell, type CellChoice, type CellSource, choiceOf } from './cells/source.ts'
import { windowsOf } from './cells/windows.ts'

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
  for await (const cells of windowsOf(source, choiceOf(options))) for (const cell of cells) sums.add(cell)
  return sums.result
}

/** Of hashes, each in two halves. */
interface Sum {
  cells: number
  high: bigint
  low: bigint
}

/** Adds up the hashes of cells. */
export class DigestSums {
  readonly #config: Pick<CheckedConfig, 'type'>
  readonly #sums = new Map<string, Sum>()

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
    this.#plus(interval, { cells: 1, high: bytes.readBigUInt64BE(0), low: bytes.readBigUInt64BE(8) })
  }

  /** Adds what another one has added up. */
  absorb(other: DigestSums): void {
    for (const [interval, sum] of other.#sums) this.#plus(interval, sum)
  }

  get result(): Digest {
    const all = { cells: 0, high: 0n, low: 0n }
    const intervals: [string, CellsDigest][] = []
    for (const [interval, sum] of this.#sums) {
      increase(all, sum)
      intervals.push([interval, told(sum)])
    }
    return { ...told(all), intervals: Object.fromEntries(intervals.sort(([one], [other]) => (one < other ? -1 : 1))) }
  }

  #plus(interval: string, by: Readonly<Sum>): void {
    const sum = this.#sums.get(interval)
    if (sum === undefined) this.#sums.set(interval, { ...by })
    else increase(sum, by)
  }
}

function increase(sum: Sum, by: Readonly<Sum>): void {
  sum.cells += by.cells
  sum.high += by.high
  sum.low += by.low
}

function told({ cells, high, low }: Readonly<Sum>): CellsDigest {
  const digits = (sum: bigint): string => BigInt.asUintN(64, sum).toString(16).padStart(16, '0')
  return { cells, digest: digits(high) + digits(low) }
}
