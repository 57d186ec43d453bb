import { KairosError } from '@kairos/core'
import type { TimeseriesType } from '@kairos/core/driver'
import type { Session } from '../connection/session.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { SketchCodec } from '../values/sketch-codec.ts'
import { toNumber } from '../values/value-columns.ts'
import { isSketch } from './layout.ts'

/**
 * What packs the sketches of a type; null for other types. Only applications with distributions or uniques load it.
 * @throws KAIROS_INVALID_CONFIG if the database does not append bytes as they are
 */
export async function codecOf(
  session: Session,
  { appendProbe }: Dialect,
  type: TimeseriesType,
): Promise<SketchCodec | null> {
  if (!isSketch(type)) return null
  const appends = appendProbe === undefined || toNumber((await session.execute(appendProbe)).rows[0]?.appends) === 1
  if (!appends) {
    throw new KairosError(
      'KAIROS_INVALID_CONFIG',
      `store must be a database whose encoding is UTF-8 for a ${type}, not UTF-16; make another file`,
      { path: 'store', driver: 'sql' },
    )
  }
  const { sketchCodec } = await import('../values/sketch-codec.ts')
  return sketchCodec(type)
}
