import { invalidOption, invalidValue } from '../checks/errors.ts'
import { checkFlag, checkOptions } from '../checks/options.ts'
import type { DeleteOptions } from '../types.ts'
import { parseId } from './keys.ts'

const RANGE = ['start', 'end', 'after'] as const
const OPTIONS = ['namespace', 'signal', ...RANGE, 'id', 'dryRun'] as const

/** What a delete was asked to delete. */
export interface CheckedDelete {
  /** null: the range given by the other options. */
  readonly keys: readonly string[] | null
  readonly dryRun: boolean
}

/**
 * Checks all options of a delete. A key whose value is undefined is refused: it was meant to narrow the delete, which would otherwise delete
 * more than the caller knows. Only the signal may be undefined, since it selects no events.
 * @throws KAIROS_INVALID_CONFIG, KAIROS_INVALID_VALUE
 */
export function checkDeleteOptions(options: DeleteOptions): CheckedDelete {
  checkOptions(options, OPTIONS, 'delete')
  for (const [path, value] of Object.entries(options)) {
    if (value === undefined && path !== 'signal') {
      throw invalidOption({
        path,
        expected: 'given or left out',
        value,
        remedy: 'without it, delete would delete more',
      })
    }
  }
  const { id, dryRun = false } = options
  checkFlag(dryRun, 'dryRun')
  if (id === undefined) return { keys: null, dryRun }
  const bound = RANGE.find((each) => options[each] !== undefined)
  if (bound !== undefined) {
    throw invalidOption({ path: 'id', expected: 'the only bound of a delete', found: `combined with ${bound}` })
  }
  return { keys: parseIds(id), dryRun }
}

/** Each once. */
function parseIds(id: unknown): readonly string[] {
  if (typeof id === 'string') return [parseId(id, 'id')]
  if (Array.isArray(id)) return [...new Set(Array.from(id, (each, index) => parseId(each, `id[${index}]`)))]
  throw invalidValue({ path: 'id', expected: 'the id of an event, or a list of them', value: id })
}
