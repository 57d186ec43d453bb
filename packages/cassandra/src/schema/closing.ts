import { randomBytes } from 'node:crypto'
import type { RecordState } from '@kairos/core/driver'
import type { ServerClock } from '../connection/server-clock.ts'
import type { Exchange, Recorded, RecordKey, Records } from './records.ts'

/** Where the record of a place's schema is. */
export const SCHEMA: RecordKey = { kind: 'schema', key: '' }
/** Where a place is marked whose records are about to be replaced. */
const CLOSING: RecordKey = { kind: 'closing', key: '' }

interface Mark {
  /** Whose it is. */
  readonly token: string
  /** Milliseconds since the epoch: then its maker is taken for dead, and anybody may remove it. */
  readonly until: number
}

/** The records that an opened store goes by: its schema's, and those of its intervals. */
export interface KnownRecords {
  readonly schema: Recorded
  readonly intervals: ReadonlyMap<string, Recorded>
  /** The kind of the intervals' records. */
  readonly kind: string
}

/**
 * How the records of an opened store stand. A mark whose time is over is removed before they count as standing: then its maker, should it still
 * live, cannot replace them by it any more.
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

/** Whether a place bears no mark, or one whose time was over and that is removed now. */
export async function isOpen(records: Records, clock: ServerClock): Promise<boolean> {
  const [marks] = await records.look([CLOSING.kind])
  const mark = marks!.get(CLOSING.key)
  return mark === undefined || removeIfOver(records, clock, mark)
}

async function removeIfOver(records: Records, clock: ServerClock, mark: Recorded): Promise<boolean> {
  const { until } = JSON.parse(mark.record) as Mark
  return until < clock.now() && records.exchange([{ ...CLOSING, before: mark, record: null }])
}

/** This process's mark on a place: while it is there, and so until it is removed by itself or by others, no record is replaced but by it. */
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

  /** Marks a place for so many milliseconds; null: another process has. */
  static async put(records: Records, clock: ServerClock, life: number): Promise<ClosingMark | null> {
    const token = randomBytes(9).toString('base64url')
    const record = recordOf(token, clock.now() + life)
    if (!(await records.putIfAbsent(CLOSING.kind, CLOSING.key, record))) return null
    return new ClosingMark(records, clock, life, token, { record, generation: 0 })
  }

  /** For as long again, unless it is gone: then the exchange will not be made. */
  async renew(): Promise<void> {
    const record = recordOf(this.#token, this.#clock.now() + this.#life)
    if (await this.#records.replace(CLOSING.kind, CLOSING.key, this.#mark, record))
      this.#mark = { record, generation: this.#mark.generation + 1 }
  }

  /** Whether the mark was still there, and the records as they were seen: then they are exchanged, and the mark is gone, in one step. */
  exchange(exchanges: readonly Exchange[]): Promise<boolean> {
    return this.#records.exchange([...exchanges, { ...CLOSING, before: this.#mark, record: null }])
  }

  /** Removes it, if it is still there. */
  async remove(): Promise<void> {
    await this.exchange([])
  }
}

function recordOf(token: string, until: number): string {
  return JSON.stringify({ token, until } satisfies Mark)
}
