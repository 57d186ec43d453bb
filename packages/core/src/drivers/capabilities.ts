import type { Capabilities, StorageDriver } from '../contract/cells.ts'
import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { isFunction, isRecord } from '../internal/kinds.ts'
import { between, FLAG, type Rule } from '../internal/rules.ts'
import { textOf } from '../internal/text-of.ts'
import { ORIGINAL_TYPES } from '../toolkit/original-types.ts'

/** What a driver that declares none has. */
const EXPIRIES: readonly unknown[] = ['native', 'sweep', 'none']
const MERGE_RESULTS: readonly string[] = ['value', 'size', 'stats']

const REQUIRED: readonly string[] = [
  'expiry',
  'fractionalCounts',
  'exactlyOnce',
  'customFetch',
  'writeOptions',
  'readOptions',
] satisfies (keyof Capabilities)[]
const NAMES: Rule = ['a list of names', isListOfTexts]
const LIMIT: Rule = /* @__PURE__ */ between(
  'a number of at least 1',
  1,
  Number.POSITIVE_INFINITY,
  (value) => typeof value === 'number',
)

const RULES: Readonly<Record<keyof Capabilities, Rule>> = {
  expiry: ['an object', isRecord],
  fractionalCounts: FLAG,
  exactlyOnce: [
    'false or { seconds } with a number of at least 0',
    (value) =>
      value === false ||
      (isRecord(value) && typeof value.seconds === 'number' && value.seconds >= 0 && isOnly(value, 'seconds')),
  ],
  returning: FLAG,
  sharedBatches: /* @__PURE__ */ between('a whole number from 1 to 16', 1, 16),
  replace: [
    '{ atomic, expected } with true or false, expected only where atomic',
    (value) =>
      isRecord(value) &&
      isOnly(value, 'atomic', 'expected') &&
      isBoolean(value.atomic) &&
      isBoolean(value.expected) &&
      (value.atomic === true || value.expected === false),
  ],
  merges: [
    `an object of lists of ${MERGE_RESULTS.join(', ')}`,
    (value) =>
      isRecord(value) &&
      Object.values(value).every(
        (results) => isListOfTexts(results) && results.every((result) => MERGE_RESULTS.includes(result)),
      ),
  ],
  types: ['a list of types', (value) => isListOfTexts(value) && value.length > 0],
  customFetch: FLAG,
  writeOptions: NAMES,
  readOptions: NAMES,
  events: [
    '{ atomic: true or false, maxBodyLength? } with a number of at least 1,000,000',
    (value) =>
      isRecord(value) &&
      isOnly(value, 'atomic', 'maxBodyLength') &&
      isBoolean(value.atomic) &&
      (value.maxBodyLength === undefined || Number(value.maxBodyLength) >= 1_000_000),
  ],
  maxStringLength: LIMIT,
  maxNameBytes: LIMIT,
  maxKeyBytes: LIMIT,
  maxIntervalBytes: LIMIT,
  maxChange: LIMIT,
}

/**
 * Capabilities are checked like options: a misspelt one would silently be missing. This is a part of its own: only authors of drivers see it fail.
 * @throws KAIROS_INVALID_CONFIG, with `path`
 */
export function checkCapabilities({ id, capabilities: given, openEvents }: StorageDriver): void {
  const driver = textOf(id)
  const capabilities: unknown = given
  if (!isRecord(capabilities)) throw invalid(driver, 'capabilities', `an object`, capabilities)
  const known = Object.keys(RULES)
  for (const key of Object.keys(capabilities)) {
    if (!known.includes(key)) {
      throw new KairosError(
        'KAIROS_INVALID_CONFIG',
        `capabilities.${key} of the ${driver} driver is not known; known: ${known.join(', ')}`,
        { path: `capabilities.${key}`, driver, known },
      )
    }
  }
  for (const [key, [expected, fits]] of Object.entries(RULES)) {
    const value = capabilities[key]
    if (value === undefined ? REQUIRED.includes(key) : !fits(value))
      throw invalid(driver, `capabilities.${key}`, expected, value)
  }
  checkExpiry(driver, given)
  if (given.events !== undefined && !isFunction(openEvents)) {
    throw new KairosError(
      'KAIROS_INVALID_CONFIG',
      `openEvents of the ${driver} driver must be a function, not ${describe(openEvents)}: its capabilities promise events`,
      { path: 'openEvents', driver },
    )
  }
}

function checkExpiry(driver: string, { expiry, types = ORIGINAL_TYPES }: Capabilities): void {
  for (const type of new Set([...types, ...Object.keys(expiry)])) {
    const value: unknown = (expiry as Readonly<Record<string, unknown>>)[type]
    if (!EXPIRIES.includes(value))
      throw invalid(driver, `capabilities.expiry.${type}`, "'native', 'sweep' or 'none'", value)
  }
}

function invalid(driver: string, path: string, expected: string, value: unknown): KairosError {
  return new KairosError(
    'KAIROS_INVALID_CONFIG',
    `${path} of the ${driver} driver must be ${expected}, not ${describe(value)}`,
    { path, driver, value },
  )
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean'
}

function isListOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}

function isOnly(value: Readonly<Record<string, unknown>>, ...keys: readonly string[]): boolean {
  return Object.keys(value).every((each) => keys.includes(each))
}
