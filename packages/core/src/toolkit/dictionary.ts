/**
 * An object without a prototype, since an interval may be named `__proto__` or `constructor`.
 * @example `dictionary([['minute', 1]]) // { minute: 1 }`
 */
export function dictionary<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  return Object.assign(Object.create(null) as Record<string, T>, Object.fromEntries(entries))
}
