/** How a chunk changes: what comes before `apply` in the write script, since it is called for every chunk; and what `apply` does. */
export interface Applying {
  readonly functions?: string
  readonly body: string
  /** What most calls do, in place, since a call of a function in Lua takes as long as a tenth of a command; sets `isDone`. */
  readonly quick?: string
}

/** The error of a sum that exceeds the largest double. */
export const OVERFLOW = 'OVERFLOW the sum exceeds the largest number'
