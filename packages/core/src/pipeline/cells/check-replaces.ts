import { KairosError } from '../../errors.ts'
import type { Context } from '../context.ts'

/** @throws KAIROS_UNSUPPORTED where the store cannot set a cell to a value; `what` needs it */
export function checkReplaces({ driver: { id, capabilities } }: Context, what: string): void {
  if (capabilities.replace !== undefined) return
  throw new KairosError('KAIROS_UNSUPPORTED', `${what} is not supported by the ${id} store`, {
    driver: id,
    feature: 'replace',
  })
}
