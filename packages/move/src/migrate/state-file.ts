import { open, rename } from 'node:fs/promises'

/** How far a group of names has come. */
export interface GroupMark {
  readonly first: string
  readonly last: string
  /** How many intervals are done. */
  at: number
  /** In the next one, behind this cell. */
  cursor?: string | undefined
  isDone?: boolean
}

/** What a state file holds. */
export interface State {
  readonly version: 1
  /** Of what it is the state. */
  readonly migration: string
  readonly started: number
  readonly start: number | null
  readonly end: number | null
  names: number
  cells: number
  expired: number
  /** All names up to this one are done. */
  done: string | null
  /** Groups behind it, in the order of their names. */
  groups: GroupMark[]
  isFinished: boolean
}

/** In milliseconds: how much work is done again after a kill, at most. */
const OFTEN = 200

/** Writes a state as it changes: whole or not at all, and not with each batch. */
export class StateFile {
  readonly #path: string | undefined
  readonly #state: State
  #saved = Number.NEGATIVE_INFINITY
  #saving = Promise.resolve()

  /** Without a path, nothing is written. */
  constructor(path: string | undefined, state: State) {
    this.#path = path
    this.#state = state
  }

  async saveSometimes(): Promise<void> {
    if (performance.now() - this.#saved < OFTEN) return
    await this.save()
  }

  save(): Promise<void> {
    this.#saved = performance.now()
    this.#saving = this.#saving.catch(() => {}).then(() => this.#write())
    return this.#saving
  }

  async #write(): Promise<void> {
    const path = this.#path
    if (path === undefined) return
    const next = `${path}.next`
    const file = await open(next, 'w')
    try {
      await file.writeFile(`${JSON.stringify(this.#state)}\n`)
      // A name must not lead to an empty file after a power cut.
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(next, path)
  }
}
