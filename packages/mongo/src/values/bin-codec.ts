import type { MongoModule } from '../connection/client.ts'
import { scalarCodec } from './codecs.ts'
import { Damaged } from './damaged.ts'
import type { ScalarCodec } from './scalar-codec.ts'

/** No bin of any accuracy is as far from 0: see `Bins` in core. */
const BEYOND = 2 ** 19

/** The bins of a distribution, as fields. */
export function binCodec(module: Pick<MongoModule, 'Decimal128'>): ScalarCodec {
  const integers = scalarCodec('int', module)
  return {
    ...integers,
    fromField(field) {
      const bin = integers.fromField(field) as number
      if (Math.abs(bin) >= BEYOND) throw new Damaged('a bin', 'a whole number between -2^19 and 2^19', field)
      return bin
    },
  }
}
