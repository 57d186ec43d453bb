/** The order of names everywhere: by UTF-16 code units, as `<` has it. */
export function compareCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
