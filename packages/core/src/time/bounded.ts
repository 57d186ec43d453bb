/** Sets an entry of a cache; one that has `most` entries is emptied first. */
export function setBounded<Value>(map: Map<number, Value>, most: number, key: number, value: Value): void {
  if (map.size === most) map.clear()
  map.set(key, value)
}
