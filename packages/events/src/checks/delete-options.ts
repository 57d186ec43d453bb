import { KairosError } from '@kairos/core'
import { describe } from '@kairos/core/driver'
import { parseId } from '../event/event-codec.ts'
import type { DeleteOptions } from '../types.ts'
import { checkFlag, checkOptions } from './options.ts'

const RANGE = ['start', 'end', 'after'] as const
const OPTIONS = ['namespace', 'signal', ...RANGE, 'id', 'dryRun'] as const

/** What a delete was asked for. */
export interface CheckedDelete {
  /** null: the range that the other options say. */
  readonly keys: readonly string[] | null
  readonly dryRun: boolean
}

/**
 * Checks the options of a delete whole. One that is there but undefined was meant to say something: without it more would be deleted than
 * the caller knows, so it is refused. The signal alone chooses no events.
 * @throws KAIROS_INVALID_CONFIG, KAIROS_INVALID_VALUE
 */
export function checkDeleteOptions(options: DeleteOptions): CheckedDelete {
  checkOptions(options, OPTIONS, 'delete')
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined && option !== 'signal') {
      throw invalid(option, `delete: ${option} is undefined; leave it out, if that is what you mean`)
    }
  }
  const { id, dryRun = false } = options
  checkFlag(dryRun, 'dryRun')
  if (id === undefined) return { keys: null, dryRun }
  if (RANGE.some((bound) => options[bound] !== undefined)) {
    throw invalid('id', 'delete takes either ids or a range, not both')
  }
  return { keys: keysOf(id), dryRun }
}

/** Each once. */
function keysOf(id: unknown): readonly string[] {
  if (typeof id === 'string') return [parseId(id)]
  if (Array.isArray(id)) return [...new Set(Array.from(id, parseId))]
  throw new KairosError('KAIROS_INVALID_VALUE', `id is ${describe(id)}; want an event's id, or a list of them`, {
    path: 'id',
    value: id,
  })
}

function invalid(path: string, message: string): KairosError {
  return new KairosError('KAIROS_INVALID_CONFIG', message, { path })
}
