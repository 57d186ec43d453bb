import { aborted } from '../calls/retry.ts'
import { createYielder } from '../calls/yielder.ts'
import type { NamesPage, NamesQuery } from '../contract/cells.ts'
import { describe } from '../internal/describe.ts'
import { invalidOption } from '../internal/invalid-option.ts'
import { type Fields, optionsOf } from './call-options.ts'
import { CALL_OPTIONS, callPlanOf } from './call-plan.ts'
import type { CallPlan, Context } from './context.ts'
import type { Windows } from './read-ahead.ts'
import { storeCall } from './store-call.ts'

/** How many names one page holds. */
export const NAMES_IN_PAGE = 5_000

/** Names with live data in a configured interval: all of them, or those with a prefix, after a name, up to a limit. */
export async function list(context: Context, options: unknown): Promise<string[]> {
  const { fields, plan } = optionsOfNames(context, options, ['prefix', 'after', 'limit'])
  const limit = limitOf('limit', fields.limit, Number.POSITIVE_INFINITY)
  const pages = namePages(context, plan, selectionOf(fields))
  const all: string[] = []
  while (all.length < limit) {
    const page = await pages(context, Math.min(limit - all.length, NAMES_IN_PAGE))
    if (page === null) break
    all.push(...page)
  }
  return all
}

/** The same, page by page. */
export async function readNames(context: Context, options: unknown): Promise<Windows<string>> {
  const { fields, plan } = optionsOfNames(context, options, ['prefix', 'after'])
  const { signal } = plan.callOptions
  const pages = namePages(context, plan, selectionOf(fields))
  return {
    async next(context) {
      const page = await pages(context, NAMES_IN_PAGE)
      return page === null ? null : [page]
    },
    turn: createYielder(),
    checkSignal() {
      if (signal?.aborted) throw aborted(signal)
    },
  }
}

type Selection = Pick<NamesQuery, 'prefix' | 'after'>

/** Returns the next page with each call, of at most this many names, and null after the last. */
export function namePages(
  { retention }: Context,
  plan: CallPlan,
  { after: first, ...selection }: Selection,
): (context: Context, limit: number) => Promise<readonly string[] | null> {
  const oldestLive = retention.oldestLive(retention.now())
  let after = first
  let done = false
  return async (context, limit) => {
    if (done) return null
    const query = { ...selection, oldestLive, limit, ...(after !== undefined && { after }) }
    const page: NamesPage = await storeCall(context, plan, 'list', 'names', (store, own) => store.names(query, own), {
      stops: true,
    })
    after = page.next
    done = page.next === undefined
    return page.names
  }
}

function optionsOfNames(
  { driver }: Context,
  options: unknown,
  own: readonly string[],
): { readonly fields: Fields; readonly plan: CallPlan } {
  const { readOptions } = driver.capabilities
  const fields = optionsOf(options, [...own, ...CALL_OPTIONS], readOptions)
  return { fields, plan: callPlanOf(fields, readOptions) }
}

export function selectionOf({ prefix, after }: Fields): Selection {
  return {
    ...(prefix !== undefined && { prefix: textAt('prefix', prefix) }),
    ...(after !== undefined && { after: textAt('after', after) }),
  }
}

/** @throws KAIROS_INVALID_CONFIG */
function textAt(path: string, value: unknown): string {
  if (typeof value === 'string' && value.isWellFormed()) return value
  throw invalidOption(path, `${path} must be a string of well-formed Unicode, not ${describe(value)}`)
}

/** @throws KAIROS_INVALID_CONFIG */
export function limitOf(path: string, limit: unknown, usual: number): number {
  if (limit === undefined) return usual
  if (Number.isSafeInteger(limit) && (limit as number) >= 1) return limit as number
  throw invalidOption(path, `${path} must be an integer of at least 1, not ${describe(limit)}`)
}
