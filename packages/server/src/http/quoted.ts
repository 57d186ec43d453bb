/** Characters of what a caller sent that a message repeats. */
const LONGEST = 64

/** A text of a caller, in a message: the beginning of it, as it may be as long as a request. */
export function quoted(text: string): string {
  return JSON.stringify(text.slice(0, LONGEST))
}
