import { compareCodePoints } from '@kairos/core/driver'
import type { GroupMark, State } from './state-file.ts'

/** How many names are moved together. */
const GROUP = 500

/** Names that are moved together, and how far they have come. */
export interface Group {
  readonly names: readonly string[]
  readonly mark: GroupMark
}

/** The groups of a migration, some of which an earlier run may have done, or begun. */
export class Groups {
  readonly #state: State
  /** No group before it is yet to come; null: none is. */
  #reached: string | null = ''

  constructor(state: State) {
    this.#state = state
  }

  /** Those that are not done. Names come in the order of their code points. */
  async *of(names: AsyncIterable<string>): AsyncGenerator<Group, void, undefined> {
    const { done, groups } = this.#state
    const begun = [...groups]
    let current: GroupMark | undefined
    let waiting: string[] = []
    for await (const name of names) {
      if (done !== null && compareCodePoints(name, done) <= 0) continue
      while (begun.length > 0 && compareCodePoints(begun[0]!.last, name) < 0) begun.shift()
      const own = begun.length > 0 && compareCodePoints(begun[0]!.first, name) <= 0 ? begun[0] : undefined
      const isFull = own === undefined && waiting.length === GROUP
      if (waiting.length > 0 && (own !== current || isFull)) {
        yield* this.#groupOf(waiting, current)
        waiting = []
      }
      current = own
      waiting.push(name)
    }
    if (waiting.length > 0) yield* this.#groupOf(waiting, current)
    this.#reached = null
  }

  *#groupOf(names: readonly string[], begun: GroupMark | undefined): Generator<Group> {
    if (begun?.isDone) return
    const mark = begun ?? { first: names[0]!, last: names.at(-1)!, at: 0 }
    if (begun === undefined) {
      const { groups } = this.#state
      groups.push(mark)
      groups.sort((one, other) => compareCodePoints(one.first, other.first))
    }
    this.#reached = mark.last
    yield { names, mark }
  }

  /** Notes that a group is done, so that only the groups behind the first that is not are noted one by one. */
  finish({ names, mark }: Group): void {
    const state = this.#state
    mark.isDone = true
    delete mark.cursor
    state.names += names.length
    while (state.groups[0]?.isDone && this.#isReached(state.groups[0])) state.done = state.groups.shift()!.last
  }

  #isReached({ last }: GroupMark): boolean {
    return this.#reached === null || compareCodePoints(last, this.#reached) <= 0
  }
}
