import { isDate, isFunction, isObject } from './kinds.ts'

const LONGEST = 60

/**
 * A value as an error message shows it: short, with `'1'` distinct from `1`. Never throws.
 * @example `describe('abc') // '"abc"'`
 */
export function describe(value: unknown): string {
  const text = spell(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}

function spell(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, LONGEST + 1))
  if (typeof value === 'bigint') return `${value}n`
  if (isFunction(value)) return 'a function'
  return isObject(value) ? spellSafely(value) : String(value)
}

/** Objects may have getters that throw. */
function spellSafely(value: object): string {
  try {
    return spellObject(value)
  } catch {
    return 'an object'
  }
}

function spellObject(value: object): string {
  if (isDate(value) && 'getTime' in value)
    return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString()
  if (Array.isArray(value)) return `a list of ${value.length}`
  const made: unknown = value.constructor
  const maker = typeof made === 'function' ? made.name : ''
  if (maker !== '' && maker !== 'Object') return `a ${maker}`
  // Shows why it is not a plain object.
  const tag = Object.prototype.toString.call(value).slice('[object '.length, -1)
  return tag === 'Object' ? 'an object' : `an object tagged ${tag}`
}
