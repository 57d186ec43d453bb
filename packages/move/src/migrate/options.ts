import { type Stretch, stretchOf } from '@kairos/core/calls'
import { checkKeys, compareCodePoints, harmless, invalidOption } from '@kairos/core/driver'
import type { CellSource } from '../cells/source.ts'
import type { MigrateOptions } from './types.ts'

const OPTIONS = [
  'names',
  'prefix',
  'match',
  'intervals',
  'from',
  'start',
  'end',
  'since',
  'parallel',
  'dryRun',
  'verify',
  'state',
  'resume',
  'onPlan',
  'onProgress',
  'signal',
  'patience',
]
const MOST_PARALLEL = 64
/** In milliseconds: batches are large, and a store that is moved to may be busy with those of other groups. */
const PATIENCE = 60_000

/** Options with their defaults. */
export interface CheckedOptions extends MigrateOptions {
  readonly parallel: number
  readonly prefix: string
}

/** @throws KAIROS_INVALID_CONFIG */
export function checkedOptions(options: MigrateOptions): CheckedOptions {
  checkKeys(options, OPTIONS, { owner: 'migrate' })
  const { parallel = 4, prefix = '', match, state, resume, onProgress, patience = PATIENCE } = options
  if (!Number.isInteger(parallel) || parallel < 1 || parallel > MOST_PARALLEL)
    throw invalidOption({
      path: 'parallel',
      expected: `a whole number from 1 to ${MOST_PARALLEL}`,
      value: parallel,
    })
  if (match !== undefined && !(match instanceof RegExp) && typeof match !== 'function')
    throw invalidOption({ path: 'match', expected: 'a regular expression or a function', value: match })
  if (state !== undefined && (typeof state !== 'string' || state === ''))
    throw invalidOption({ path: 'state', expected: 'the path of a file', value: state })
  if (resume && state === undefined)
    throw invalidOption({ path: 'state', expected: 'the path of a file, to resume', value: state })
  return { ...options, parallel, prefix, patience, onProgress: harmless('onProgress', onProgress) }
}

/** The names to move, in the order of their code points. */
export async function* chosenNames(
  source: CellSource,
  { names, prefix, match, signal, patience }: CheckedOptions,
): AsyncGenerator<string, void, undefined> {
  const isWanted = (name: string): boolean =>
    match === undefined || (match instanceof RegExp ? name.search(match) >= 0 : Boolean(match(name)))
  if (names === undefined) {
    for await (const name of source.names({ prefix, signal, patience })) if (isWanted(name)) yield name
    return
  }
  const chosen = [...new Set(typeof names === 'string' ? [names] : names)].sort(compareCodePoints)
  for (const name of chosen) if (name.startsWith(prefix) && isWanted(name)) yield name
}

/**
 * From which bucket to which.
 * @throws KAIROS_INVALID_VALUE, KAIROS_INVALID_RANGE
 */
export function chosenStretch({ start, end, since }: MigrateOptions): Stretch {
  const { start: from, end: last } = stretchOf(start, end)
  const { start: changed } = stretchOf(since, undefined)
  return {
    start: from === undefined || changed === undefined ? (from ?? changed) : Math.max(from, changed),
    end: last,
  }
}
