/** Something that is made when it is first asked for, as a connection is. */
export interface Once<T> {
  /** What was made, or is being made; makes it where nothing was, and where making it failed. */
  (): Promise<T>
  /** The same, without making it. */
  readonly made: Promise<T> | undefined
  /** Lets go of what was made: the next call makes another. */
  forget(): void
}

/**
 * Makes it once for all who ask, and again after a failure.
 * @example
 * const connected = once(() => connect(url))
 * await connected()
 */
export function once<T>(make: () => Promise<T>): Once<T> {
  let made: Promise<T> | undefined

  function ask(): Promise<T> {
    if (made !== undefined) return made
    const making: Promise<T> = make().catch((error: unknown) => {
      // Unless it was let go of, and another one is being made.
      if (made === making) made = undefined
      throw error
    })
    made = making
    return making
  }

  return Object.defineProperties(ask, {
    made: { get: () => made },
    forget: {
      value: () => {
        made = undefined
      },
    },
  }) as Once<T>
}
