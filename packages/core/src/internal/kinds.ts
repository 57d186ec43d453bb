/** Kinds of built-in objects by their tag: also those of another realm (a test runner's, a worker's). */
function tagged<T extends object>(tag: string): (value: unknown) => value is T {
  return (value): value is T => typeof value === 'object' && value !== null && Object.prototype.toString.call(value) === tag
}

export const isDate = tagged<Date>('[object Date]')
export const isMap = tagged<ReadonlyMap<unknown, unknown>>('[object Map]')
export const isSet = tagged<ReadonlySet<unknown>>('[object Set]')
/** Uint8Array and its subclasses (Buffer). */
export const isBytes = tagged<Uint8Array>('[object Uint8Array]')

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

export function isFunction(value: unknown): value is (...parameters: never[]) => unknown {
  return typeof value === 'function'
}
