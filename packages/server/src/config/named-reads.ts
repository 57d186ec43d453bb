import { checkKeys, invalidOption } from '@kairos/core/driver'
import { checkRecord } from './checks.ts'
import type { ServerConfig } from './types.ts'

type Transform = NonNullable<ServerConfig['transforms']>[string]
type Macro = NonNullable<ServerConfig['macros']>[string]

/** What reads may name, beside what core has: own property or nothing, whatever a request names. */
export interface NamedReads {
  readonly transforms: ReadonlyMap<string, Transform>
  readonly macros: ReadonlyMap<string, Macro>
}

/** The options that a macro may set. */
const MACRO_KEYS = [
  ...['timeseries', 'interval', 'start', 'end', 'steps', 'format'],
  ...['condense', 'collapse', 'transform', 'processRow', 'joinRows', 'fetch', 'fill', 'every', 'zone'],
]

/** @throws KAIROS_INVALID_CONFIG */
export function namedReads({ transforms = {}, macros = {} }: ServerConfig): NamedReads {
  checkRecord(transforms, 'transforms')
  checkRecord(macros, 'macros')
  for (const [name, value] of Object.entries(transforms))
    if (typeof value !== 'function') throw invalidOption({ path: `transforms.${name}`, expected: 'a function', value })
  for (const [name, macro] of Object.entries(macros)) checkKeys(macro, MACRO_KEYS, { path: `macros.${name}` })
  return { transforms: new Map(Object.entries(transforms)), macros: new Map(Object.entries(macros)) }
}
