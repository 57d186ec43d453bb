import type { Distribution, DistributionBin } from '../api/sketches.ts'
import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { byOperator } from '../transforms/order.ts'
import { percentile } from '../transforms/percentile.ts'
import { totalTimes } from '../transforms/sums.ts'
import { visitorOf } from '../transforms/visit.ts'
import { ExactSum } from '../values/exact-sum.ts'
import type { Bins } from './bins.ts'

/** More places than percentiles have. */
const PLACES = 1e14

/** A distribution, from how many values fell into each bin. */
export class BinnedDistribution implements Distribution {
  readonly accuracy: number
  /** How many values fell into each bin, as cells hold them. Not private, so that assertions see in what two distributions differ. */
  readonly counts: ReadonlyMap<number, number>
  readonly #bins: Bins

  constructor(counts: ReadonlyMap<number, number>, bins: Bins) {
    this.accuracy = bins.accuracy
    this.counts = counts
    this.#bins = bins
  }

  get count(): number {
    return totalTimes(visitorOf(this.counts))
  }

  get sum(): number {
    return this.#sumOf(1)
  }

  get mean(): number | null {
    if (this.counts.size === 0) return null
    const { count } = this
    const sum = this.#sumOf(1)
    // A sum may be larger than a double though no value is.
    return Number.isFinite(sum) ? sum / count : (this.#sumOf(2 ** -130) / count) * 2 ** 130
  }

  get min(): number | null {
    return this.quantile(0)
  }

  get max(): number | null {
    return this.quantile(1)
  }

  quantile(q: number): number | null {
    if (!(typeof q === 'number' && q >= 0 && q <= 1))
      throw invalid('q', `q must be from 0 to 1 in quantile(q), not ${describe(q)}`, q)
    const share = { numerator: Math.round(q * PLACES), denominator: PLACES }
    const bin = percentile(share, this.counts, visitorOf(this.counts), byOperator)
    return bin === null ? null : this.#bins.valueOf(bin as number)
  }

  shareBelow(x: number): number | null {
    if (typeof x !== 'number' || Number.isNaN(x))
      throw invalid('x', `x must be a number in shareBelow(x), not ${describe(x)}`, x)
    if (this.counts.size === 0) return null
    const limit = this.#bins.binOf(x)
    return totalTimes(visitorOf(new Map([...this.counts].filter(([bin]) => bin < limit)))) / this.count
  }

  bins(): DistributionBin[] {
    return [...this.counts]
      .sort(([one], [other]) => one - other)
      .map(([bin, count]) => {
        const [from, to] = this.#bins.limitsOf(bin)
        return { from, to, count }
      })
  }

  toJSON(): object {
    return { accuracy: this.accuracy, bins: this.bins() }
  }

  #sumOf(scale: number): number {
    const sum = new ExactSum()
    for (const [bin, times] of this.counts) sum.addTimes(this.#bins.valueOf(bin) * scale, times)
    return sum.total
  }
}

function invalid(path: string, message: string, value: unknown): KairosError {
  return new KairosError('KAIROS_INVALID_CONFIG', message, { path, value })
}
