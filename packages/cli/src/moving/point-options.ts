import type { Columns, PointField, TimeUnit } from '@kairos/move'
import type { Flag, Given } from '../command.ts'
import { mustBe } from '../misuse.ts'

/** Where the fields of points are. */
export interface PointFlags {
  readonly columns: Flag<'list'>
  readonly defaults: Flag<'list'>
  readonly headerless: Flag<'boolean'>
  readonly delimiter: Flag<'text'>
  readonly unit: Flag<'text'>
}

const FIELDS: readonly string[] = ['name', 'value', 'timestamp', 'times']

/** The options of `importPoints` that these flags mean. @throws Misuse */
export function pointOptions({ columns, defaults, headerless, delimiter, unit }: Given<PointFlags>): object {
  return {
    columns: pairsOf('--columns', columns) as Columns<PointField>,
    defaults: pairsOf('--defaults', defaults),
    header: !headerless,
    ...(delimiter !== undefined && { delimiter: delimiter === '\\t' ? '\t' : delimiter }),
    unit: unit as TimeUnit | undefined,
  }
}

/** `name=path,value=ms` as an object. @throws Misuse */
function pairsOf(flag: string, pairs: readonly string[] = []): Readonly<Record<string, string>> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, field = '', place = ''] = /^([^=]*)=(.+)$/s.exec(pair) ?? []
      if (!FIELDS.includes(field) || place === '')
        throw mustBe(flag, `pairs such as name=path with one of ${FIELDS.join(', ')} on the left`, pair)
      return [field, place]
    }),
  )
}
