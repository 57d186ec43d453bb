import { dictionary, type Facts, type Records, type StoreSchema, type TimeseriesType } from '@kairos/core/driver'
import { intervalPart } from './keys.ts'
import { fieldsOf, Layout } from './layout.ts'

const INTERVAL = 'interval:'
const RETIRED = 'retired:'
const FACTS = 'facts:'

/** Where the data of one interval are stored. */
export interface IntervalPlace {
  /** The interval as keys spell it. */
  readonly part: string
  readonly layout: Layout
}

/** The hash with the records of one type under one prefix. */
export class RecordedSchema {
  readonly #fields: ReadonlyMap<string, string>

  constructor(reply: readonly Buffer[]) {
    const fields = new Map<string, string>()
    for (let index = 0; index < reply.length; index += 2)
      fields.set(reply[index]!.toString(), reply[index + 1]!.toString())
    this.#fields = fields
  }

  field(name: string): string | undefined {
    return this.#fields.get(name)
  }

  get records(): Records {
    const intervals = this.#entries().map(([interval, { record }]) => [interval, record] as const)
    return { schema: this.#fields.get('schema')!, intervals: dictionary(intervals) }
  }

  get facts(): Facts {
    const intervals = this.#entries().map(
      ([interval]) => [interval, this.#fields.get(FACTS + interval) ?? '{}'] as const,
    )
    return { schema: this.#fields.get('facts') ?? '{}', intervals: dictionary(intervals) }
  }

  /** Whether this type is recorded; otherwise it has been dropped. */
  get isRecorded(): boolean {
    return this.#fields.has('schema')
  }

  /** The token of the process that is replacing or removing records; its mark may have ended. */
  get markedBy(): string | undefined {
    return /^(.*) \d+$/.exec(this.#fields.get('closing') ?? '')?.[1]
  }

  /** All recorded intervals, placed as they are recorded. */
  places(type: TimeseriesType): ReadonlyMap<string, IntervalPlace> {
    return new Map(
      this.#entries().map(([interval, { generation, ...shape }]) => [
        interval,
        { part: intervalPart(interval, generation), layout: new Layout(type, shape) },
      ]),
    )
  }

  /** Replaced intervals that may still have data: their fields in the hash, and how keys spell them. */
  get retired(): readonly { readonly field: string; readonly part: string }[] {
    return [...this.#fields.keys()]
      .filter((field) => field.startsWith(RETIRED))
      .map((field) => {
        const [, generation, interval] = /^retired:(\d+):(.*)$/s.exec(field)!
        return { field, part: intervalPart(interval!, Number(generation)) }
      })
  }

  /** Arguments of `stateScript`: what it compares with the current records. */
  stateOf(intervals: readonly string[]): string[] {
    const fields = ['layout', 'shards', 'schema', ...intervals.map((interval) => INTERVAL + interval)]
    const last = [this.#fields.get('base') ?? '0', this.#fields.get('generation') ?? '0']
    return [
      ...last,
      String(intervals.length),
      ...intervals,
      ...fields.flatMap((field) => [field, this.#fields.get(field)!]),
    ]
  }

  #entries() {
    return [...this.#fields].flatMap(([field, entry]) => {
      if (!field.startsWith(INTERVAL)) return []
      // An entry of another form is a record that core does not know, either.
      const [, generation = 0, fanOut = 1, hasResolution = '0', fields = 0, record = entry] =
        /^(\d+) (\d+) ([01]) (\d+) (.*)$/s.exec(entry) ?? []
      const shape = {
        generation: Number(generation),
        fanOut: Number(fanOut),
        hasResolution: hasResolution === '1',
        fields: Number(fields),
      }
      return [[field.slice(INTERVAL.length), { ...shape, record }] as const]
    })
  }
}

/** The intervals of a schema as arguments of scripts, six for each interval. */
export function intervalArguments(
  { type, valueType, intervals }: StoreSchema<TimeseriesType>,
  names: readonly string[],
): string[] {
  return names.flatMap((interval) => {
    const { fanOut, hasResolution, record, facts } = intervals[interval]!
    return [interval, String(fanOut), hasResolution ? '1' : '0', String(fieldsOf({ type, valueType })), record, facts]
  })
}
