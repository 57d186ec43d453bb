import { binPacking } from '@kairos/core/driver'
import { distributionScripts } from '../scripts/distribution.ts'
import { type Element, toNumber } from '../values/codecs.ts'
import type { Kind } from './kind.ts'
import { sketchKind } from './sketch-kind.ts'

/** Half the distance between the two largest doubles: what is smaller cannot make a finite sum overflow, since it is rounded away. */
const LARGE = 2 ** 970

/** Bins, packed. */
export async function distributionKind(): Promise<Kind<ReadonlyMap<number, number>>> {
  return sketchKind(distributionScripts, await binPacking(), {
    isLarge(times) {
      for (const count of times.values()) if (count >= LARGE) return true
      return false
    },
    decodeRow: (row) =>
      new Map(
        (row as readonly (readonly [Element, Element])[]).map(([bin, times]) => [toNumber(bin), toNumber(times)]),
      ),
  })
}
