import { invalidOption, must } from './invalid-option.ts'
import { isFunction, isRecord } from './kinds.ts'

/** What an option must be, as a message says it, and whether a value is that. */
export type Rule = readonly [expected: string, fits: (value: unknown) => boolean]
/** The options that an object may have; null: one that is checked beside others. */
export type Rules<Key extends string> = Readonly<Record<Key, Rule | null>>

export const FUNCTION: Rule = ['a function', isFunction]
export const FLAG: Rule = ['true or false', (value) => typeof value === 'boolean']

/** A whole number, or what else `fits`, of such a size. */
export function between(
  expected: string,
  least: number,
  most: number = Number.POSITIVE_INFINITY,
  fits: (value: unknown) => boolean = Number.isSafeInteger,
): Rule {
  return [expected, (value) => fits(value) && (value as number) >= least && (value as number) <= most]
}

/** The longest timeout of a timer. */
const LONGEST = 2 ** 31 - 1

/** A time to wait, which may have fractions. */
export function millisecondsFrom(least: 0 | 1): Rule {
  return between(`milliseconds from ${least} to ${LONGEST}`, least, LONGEST, Number.isFinite)
}
export const MILLISECONDS: Rule = /* @__PURE__ */ millisecondsFrom(1)

/**
 * Refuses an option that is neither left out nor as its rule says.
 * @throws KAIROS_INVALID_CONFIG
 */
export function checkOption(path: string, value: unknown, [expected, fits]: Rule): void {
  must(value === undefined || fits(value), path, expected, value)
}

/**
 * The options of an object, each read once and checked by its rule; one that is left out is as usual. `of` says in messages whose options they are.
 * The compiler checks that there is a rule for each of `Options`; that the values it lets pass have the type is for the caller to see to.
 * @throws KAIROS_INVALID_CONFIG
 */
export function optionsBy<Options extends object>(
  rules: Rules<keyof Options & string>,
  usual: Readonly<Record<string, unknown>>,
  given: unknown,
  path: string,
  prefix = '',
  of = '',
): Options {
  must(isRecord(given), path, 'an object', given, '', path || 'the configuration')
  const known = Object.keys(rules)
  for (const key of Object.keys(given))
    if (!known.includes(key))
      throw invalidOption(prefix + key, `${prefix}${key} is not an option${of}; known: ${known.join(', ')}`)
  // All of them, so that what is read from many configurations has one shape for the engine.
  const options: Record<string, unknown> = {}
  const byKey: Rules<string> = rules
  for (const key of known) {
    const { [key]: value = usual[key] } = given
    const rule = byKey[key]
    if (rule) checkOption(prefix + key, value, rule)
    options[key] = value
  }
  return options as Options
}
