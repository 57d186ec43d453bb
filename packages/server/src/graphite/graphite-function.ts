import { RequestError } from '@kairos/events/http'
import { quoted } from '../http/quoted.ts'
import { eachMade } from './each-made.ts'
import type { Param, ParamInfo } from './params.ts'
import { flatSeries, type Scope, type Source, type Value } from './scope.ts'
import type { Series } from './series.ts'

type Params = Readonly<Record<string, Param<unknown>>>
type ArgumentsOf<P extends Params> = { readonly [Name in keyof P]: P[Name] extends Param<infer T> ? T : never }
/** What was given for each parameter; nothing: left out. */
type Given = ReadonlyMap<string, readonly (Value | Source)[]>
type Made = readonly Series[] | readonly (readonly Series[])[]

/** A function of Graphite, as data. */
interface Definition<P extends Params> {
  readonly group:
    | 'Alias'
    | 'Calculate'
    | 'Combine'
    | 'Filter Series'
    | 'Filter Data'
    | 'Graph'
    | 'Sorting'
    | 'Special'
    | 'Transform'
  readonly description: string
  readonly params: P
  /** It asks for names and values at the same points only, so that its series may be read in as few points as are shown. */
  readonly anyStep?: boolean
  /** What it makes of a series of `seriesList` depends on no other, so that others have a turn between them. */
  readonly oneByOne?: boolean
  run(given: ArgumentsOf<P>, scope: Scope): Made | Promise<Made>
}

/** A function that can be called by any target. */
export interface GraphiteFunction extends Pick<Definition<Params>, 'group' | 'description'> {
  readonly anyStep: boolean
  readonly params: ReadonlyMap<string, ParamInfo & { readonly lazy: boolean }>
  /** `name` is the one that it was called by. @throws RequestError */
  call(name: string, given: Given, scope: Scope): Promise<Made>
}

/** Functions by their names. */
export type Family = Readonly<Record<string, GraphiteFunction>>

/** A function from its definition. */
export function graphiteFunction<const P extends Params>(definition: Definition<P>): GraphiteFunction {
  const params = new Map(Object.entries(definition.params))
  return {
    group: definition.group,
    description: definition.description,
    anyStep: definition.anyStep ?? false,
    params,
    async call(name, given, scope) {
      const entries = [...params].map(([param, { read }]) => [param, read(given.get(param) ?? [], `${name}: ${param}`)])
      const values = Object.fromEntries(entries)
      if (definition.oneByOne !== true) return await definition.run(values, scope)
      return await eachMade(values.seriesList as readonly Series[], scope, async (series) =>
        flatSeries(await definition.run({ ...values, seriesList: [series] }, scope)),
      )
    },
  }
}

/** Which argument belongs to which parameter. @throws RequestError */
export function assign<Item>(
  name: string,
  { params }: GraphiteFunction,
  args: readonly Item[],
  named: Readonly<Record<string, Item>>,
): Map<string, Item[]> {
  const assigned = new Map<string, Item[]>()
  const names = [...params.keys()]
  const last = names.at(-1)
  const takesMore = last !== undefined && params.get(last)!.multiple
  for (const [index, item] of args.entries()) {
    const param = index < names.length ? names[index]! : takesMore ? last! : undefined
    if (param === undefined)
      throw new RequestError(400, `${name} takes at most ${names.length} arguments, not ${args.length}`)
    assigned.set(param, [...(assigned.get(param) ?? []), item])
  }
  for (const [param, item] of Object.entries(named)) {
    if (!params.has(param))
      throw new RequestError(400, `${name} has the parameters ${names.join(', ')}, not ${quoted(param)}`)
    if (assigned.has(param)) throw new RequestError(400, `${name}: ${param} must be given only once`)
    assigned.set(param, [item])
  }
  return assigned
}
