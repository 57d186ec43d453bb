/** Up to this many, inserting one after the other is faster than copying them to where they are sorted natively. */
const FEW = 40

/** Sorts a list of whole numbers of 32 bits in place. */
export function sortIntegers(list: number[]): void {
  const { length } = list
  if (length > FEW) {
    const sorted = new Int32Array(list).sort()
    for (let index = 0; index < length; index++) list[index] = sorted[index]!
    return
  }
  for (let next = 1; next < length; next++) {
    const value = list[next]!
    let at = next
    for (; at > 0 && list[at - 1]! > value; at--) list[at] = list[at - 1]!
    list[at] = value
  }
}
