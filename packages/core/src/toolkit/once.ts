/** Something made on first use, such as a connection. */
export interface Once<T> {
  /** What was made, or is being made; makes it if there is nothing, or if making it failed. */
  (): Promise<T>
  /** The same, without making it. */
  readonly made: Promise<T> | undefined
  /** Forgets what was made: the next call makes another. */
  forget(): void
}

/**
 * Makes something once for all callers, and again after a failure.
 * @example
 * const connected = once(() => connect(url))
 * await connected()
 */
export function once<T>(make: () => Promise<T>): Once<T> {
  let made: Promise<T> | undefined

  function ask(): Promise<T> {
    if (made !== undefined) return made
    const making: Promise<T> = make().catch((error: unknown) => {
      // Unless it was forgotten, and another one is being made.
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
