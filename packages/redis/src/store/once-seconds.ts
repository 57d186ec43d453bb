/** For how many seconds a batch with an id is not stored again. Longer than two calls may take. */
export function onceSeconds(timeout: number): number {
  return Math.max(600, Math.ceil((2 * timeout) / 1000))
}
