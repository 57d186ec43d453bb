/** What an iteration returns, in parts; or one entry after the other in `all`. */
export type Entries<Entry> = Parts<Entry> | { readonly all: AsyncGenerator<Entry, void, undefined> }

export interface Parts<Entry> {
  /** Null after the last. */
  next(): Promise<Iterable<Entry> | null>
  /**
   * An entry as the caller gets it.
   * @throws KAIROS_ABORTED
   */
  give(entry: Entry): Entry
}

/** All entries. This is all of an iteration that is there before it is used: it must be in one generator, since a second one around it doubles its time. */
export async function* entriesOf<Entry>(begin: () => Promise<Entries<Entry>>): AsyncGenerator<Entry, void, undefined> {
  const entries = await begin()
  if ('all' in entries) return yield* entries.all
  for (;;) {
    const part = await entries.next()
    if (part === null) return
    for (const entry of part) yield entries.give(entry)
  }
}
