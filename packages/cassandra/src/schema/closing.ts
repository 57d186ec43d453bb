import { randomBytes } from 'node:crypto'
import type { RecordState } from '@kairos/core/driver'
import type { ServerClock } from '../connection/server-clock.ts'
import { SCHEMA } from './kinds.ts'
import type { Exchange, Recorded, RecordKey, Records } from './records.ts'

/** The key of the mark that says the records are about to be replaced. */
const CLOSING: RecordKey = { kind: 'closing', key: '' }

interface Mark {
  /** Of the process that set it. */
  readonly token: string
  /** Milliseconds since the epoch. After that its process counts as dead, and any other may remove the mark. */
  readonly until: number
}

/** The records an opened store relies on: its schema's and its intervals'. */
export interface KnownRecords {
  readonly schema: Recorded
  readonly intervals: ReadonlyMap<string, Recorded>
  /** The kind of the intervals' records. */
  readonly kind: string
}

/**
 * Whether the records of an opened store are still current. An expired mark is removed first: should its process still be alive, it can then no longer
 * replace them.
 */
export async function recordState(
  records: Records,
  clock: ServerClock,
  { schema, intervals, kind }: KnownRecords,
): Promise<RecordState> {
  const [marks, schemas, now] = await records.look([CLOSING.kind, SCHEMA.kind, kind])
  if (schemas!.get(SCHEMA.key)?.generation !== schema.generation) return 'replaced'
  for (const [interval, { generation }] of intervals)
    if (now!.get(interval)?.generation !== generation) return 'replaced'
  const mark = marks!.get(CLOSING.key)
  return mark === undefined || (await removeIfOver(records, clock, mark)) ? 'standing' : 'closing'
}

/** Whether there is no mark, or only an expired one, which this removes. */
export async function isOpen(records: Records, clock: ServerClock): Promise<boolean> {
  const [marks] = await records.look([CLOSING.kind])
  const mark = marks!.get(CLOSING.key)
  return mark === undefined || removeIfOver(records, clock, mark)
}

async function removeIfOver(records: Records, clock: ServerClock, mark: Recorded): Promise<boolean> {
  const { until } = JSON.parse(mark.record) as Mark
  return until < clock.now() && records.exchange([{ ...CLOSING, before: mark, record: null }])
}

/** This process's mark. Until it is removed, only this process can replace records. */
export class ClosingMark {
  readonly #records: Records
  readonly #clock: ServerClock
  readonly #life: number
  readonly #token: string
  #mark: Recorded

  private constructor(records: Records, clock: ServerClock, life: number, token: string, mark: Recorded) {
    this.#records = records
    this.#clock = clock
    this.#life = life
    this.#token = token
    this.#mark = mark
  }

  /** Sets the mark for `life` milliseconds; null if another process has set one. */
  static async put(records: Records, clock: ServerClock, life: number): Promise<ClosingMark | null> {
    const token = randomBytes(9).toString('base64url')
    const record = recordOf(token, clock.now() + life)
    if (!(await records.putIfAbsent(CLOSING.kind, CLOSING.key, record))) return null
    return new ClosingMark(records, clock, life, token, { record, generation: 0 })
  }

  /** Extends the mark by the same time. If it is gone, the exchange will fail. */
  async renew(): Promise<void> {
    const record = recordOf(this.#token, this.#clock.now() + this.#life)
    if (await this.#records.replace(CLOSING.kind, CLOSING.key, this.#mark, record))
      this.#mark = { record, generation: this.#mark.generation + 1 }
  }

  /** Exchanges the records and removes the mark in one step. False, with nothing changed, if the mark or a record was no longer as it was read. */
  exchange(exchanges: readonly Exchange[]): Promise<boolean> {
    return this.#records.exchange([...exchanges, { ...CLOSING, before: this.#mark, record: null }])
  }

  /** Removes the mark if it is still there. */
  async remove(): Promise<void> {
    await this.exchange([])
  }
}

function recordOf(token: string, until: number): string {
  return JSON.stringify({ token, until } satisfies Mark)
}
