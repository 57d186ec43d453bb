import { KairosError } from '../errors.ts'
import { isSet } from '../internal/collections.ts'
import { describe } from '../internal/describe.ts'
import { isObject, isRecord } from '../internal/kinds.ts'
import { formatName, type LabelledName } from '../internal/labels.ts'
import { didYouMean, nearMiss } from '../internal/near-miss.ts'
import { checkName } from './check-values.ts'
import type { Context } from './context.ts'

/** The labels that names may have; undefined: any. */
export type KnownLabels = readonly string[] | undefined

/**
 * The text that a name with labels is stored under; anything else as it is, since it is checked later.
 * @throws KAIROS_INVALID_VALUE
 */
export function textOfName(name: unknown, known: KnownLabels): unknown {
  if (typeof name === 'string' || !isRecord(name)) return name
  if (isMatcher(name)) {
    throw new KairosError(
      'KAIROS_INVALID_VALUE',
      'a name must be a text or an object whose labels have values, not a matcher, which get, series, iterate, query and top take',
      { value: name },
    )
  }
  for (const label of Object.keys(name)) if (label !== 'name') checkLabel(label, known)
  return formatName(name as LabelledName)
}

/** Whether it asks for names by their labels. */
export function isMatcher(names: unknown): names is { readonly name: unknown; readonly labels: object } {
  return isRecord(names) && isObject(names.labels)
}

/** @throws KAIROS_INVALID_VALUE */
export function checkLabel(label: string, known: KnownLabels): void {
  if (known === undefined || known.includes(label)) return
  throw new KairosError(
    'KAIROS_INVALID_VALUE',
    `a label must be one of ${known.join(', ')}, not ${describe(label)}${didYouMean(nearMiss(label, known))}`,
    { value: label, known },
  )
}

/**
 * A name as stores know it.
 * @throws KAIROS_INVALID_VALUE
 */
export function nameOf({ settings, driver }: Pick<Context, 'settings' | 'driver'>, name: unknown): string {
  const text = textOfName(name, settings.labels)
  checkName(text, driver.capabilities)
  return text
}

/** The error of a read that is given no names. */
export function noNames(names: unknown): KairosError {
  return new KairosError('KAIROS_INVALID_VALUE', 'names must hold at least one name, not none', { value: names })
}

/**
 * One name, or those of a list or `Set`, each once.
 * @throws KAIROS_INVALID_VALUE
 */
export function namesIn(context: Context, names: unknown): string[] {
  return [...new Set(listIn(names).map((name) => nameOf(context, name)))]
}

/** What a list or `Set` of names holds, or the one that is given. */
export function listIn(names: unknown): readonly unknown[] {
  return Array.isArray(names) || isSet(names) ? [...(names as Iterable<unknown>)] : [names]
}
