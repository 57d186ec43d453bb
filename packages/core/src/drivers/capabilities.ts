import type { Capabilities, StorageDriver } from '../contract/cells.ts'
import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { isFunction, isRecord } from '../internal/kinds.ts'
import { textOf } from '../internal/text-of.ts'
import { ORIGINAL_TYPES } from '../toolkit/original-types.ts'

/** What a driver that declares none has. */
const EXPIRIES: readonly unknown[] = ['native', 'sweep', 'none']
const MERGE_RESULTS: readonly string[] = ['value', 'size', 'stats']

/** One capability: whether it is required, which values fit, and what to call them. */
interface Rule {
  readonly required?: true
  readonly expected: string
  fits(value: unknown): boolean
}

const flag: Rule = { required: true, expected: 'true or false', fits: isBoolean }
const names: Rule = { required: true, expected: 'a list of names', fits: isListOfTexts }
const limit: Rule = {
  expected: 'a number of at least 1',
  fits: (value) => typeof value === 'number' && value >= 1,
}

const rules: Readonly<Record<keyof Capabilities, Rule>> = {
  expiry: { required: true, expected: 'an object', fits: isRecord },
  fractionalCounts: flag,
  exactlyOnce: {
    required: true,
    expected: 'false or { seconds } with a number of at least 0',
    fits: (value) =>
      value === false ||
      (isRecord(value) && typeof value.seconds === 'number' && value.seconds >= 0 && isOnly(value, 'seconds')),
  },
  returning: { expected: 'true or false', fits: isBoolean },
  sharedBatches: {
    expected: 'a whole number from 1 to 16',
    fits: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 16,
  },
  replace: {
    expected: '{ atomic, expected } with true or false, expected only where atomic',
    fits: (value) =>
      isRecord(value) &&
      isOnly(value, 'atomic', 'expected') &&
      isBoolean(value.atomic) &&
      isBoolean(value.expected) &&
      (value.atomic === true || value.expected === false),
  },
  merges: {
    expected: `an object of lists of ${MERGE_RESULTS.join(', ')}`,
    fits: (value) =>
      isRecord(value) &&
      Object.values(value).every(
        (results) => isListOfTexts(results) && results.every((result) => MERGE_RESULTS.includes(result)),
      ),
  },
  types: { expected: 'a list of types', fits: (value) => isListOfTexts(value) && value.length > 0 },
  customFetch: flag,
  writeOptions: names,
  readOptions: names,
  events: {
    expected: '{ atomic: true or false, maxBodyLength? } with a number of at least 1,000,000',
    fits: (value) =>
      isRecord(value) &&
      isOnly(value, 'atomic', 'maxBodyLength') &&
      isBoolean(value.atomic) &&
      (value.maxBodyLength === undefined || Number(value.maxBodyLength) >= 1_000_000),
  },
  maxStringLength: limit,
  maxNameBytes: limit,
  maxKeyBytes: limit,
  maxIntervalBytes: limit,
  maxChange: limit,
}

/**
 * Capabilities are checked like options: a misspelt one would silently be missing. This is a part of its own: only authors of drivers see it fail.
 * @throws KAIROS_INVALID_CONFIG, with `path`
 */
export function checkCapabilities({ id, capabilities: given, openEvents }: StorageDriver): void {
  const driver = textOf(id)
  const capabilities: unknown = given
  if (!isRecord(capabilities)) throw invalid(driver, 'capabilities', `an object`, capabilities)
  const known = Object.keys(rules)
  for (const key of Object.keys(capabilities)) {
    if (!known.includes(key)) {
      throw new KairosError(
        'KAIROS_INVALID_CONFIG',
        `capabilities.${key} of the ${driver} driver is not known; known: ${known.join(', ')}`,
        { path: `capabilities.${key}`, driver, known },
      )
    }
  }
  for (const [key, { required, expected, fits }] of Object.entries(rules)) {
    const value = capabilities[key]
    if (value === undefined ? required : !fits(value)) throw invalid(driver, `capabilities.${key}`, expected, value)
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
