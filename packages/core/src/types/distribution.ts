import { Bins } from '../sketches/bins.ts'
import { BinnedDistribution } from '../sketches/distribution.ts'
import { distributionTransforms } from '../transforms/distribution.ts'
import { histogram } from './histogram.ts'
import type { TypeRules } from './rules.ts'

/** How the values are distributed: a histogram of their bins. */
export function distributionOf(accuracy: number): TypeRules {
  const bins = new Bins(accuracy)
  const holds = (data: unknown): data is BinnedDistribution =>
    data instanceof BinnedDistribution && data.accuracy === accuracy
  return {
    ...histogram,
    prepare: (value) => bins.binOf(value as number),
    empty: () => new BinnedDistribution(new Map(), bins),
    decode: (value) => new BinnedDistribution(value as ReadonlyMap<number, number>, bins),
    ownData: true,
    holds,
    merger() {
      const times = histogram.merger()
      let isData = false
      return {
        add(data) {
          isData = holds(data)
          times.add(holds(data) ? data.counts : data)
        },
        result() {
          const counts = times.result() as ReadonlyMap<number, number>
          return isData ? new BinnedDistribution(counts, bins) : counts
        },
      }
    },
    transforms: distributionTransforms,
  }
}
