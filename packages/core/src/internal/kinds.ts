/** Recognises built-in objects by their tag, also those of another realm (a test runner's, a worker's). */
export function hasTag(value: unknown, tag: string): boolean {
  return isObject(value) && Object.prototype.toString.call(value) === tag
}

export function isDate(value: unknown): value is Date {
  return hasTag(value, '[object Date]')
}

/**
 * An object with fields, of any class, or a module; not an array, Map, Set, Date or other built-in, whose contents are not fields.
 * @example
 * `isRecord({ prefix: 'app' }) // true; false for null, [] and new Map()`
 */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return hasTag(value, '[object Object]') || hasTag(value, '[object Module]')
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

export function isFunction(value: unknown): value is (...parameters: never[]) => unknown {
  return typeof value === 'function'
}
