import { aborted } from '../../calls/retry.ts'
import { KairosError } from '../../errors.ts'
import { describe } from '../../internal/describe.ts'
import { invalidOption } from '../../internal/invalid-option.ts'
import { withJson } from '../../internal/json.ts'
import { isFunction, isRecord } from '../../internal/kinds.ts'
import type { Interval } from '../../settings.ts'
import type { Transform } from '../../transforms/apply.ts'
import { type Fields, flagOf, optionsOf } from '../call-options.ts'
import { CALL_OPTIONS, callPlanOf } from '../call-plan.ts'
import type { CallPlan, Context } from '../context.ts'
import { isMatcher, listIn, nameOf, namesIn, noNames } from '../name-of.ts'
import { intervalOf } from '../selected.ts'
import { type Fill, fillOf } from './fill-option.ts'
import { transformCost, transformOf } from './transform.ts'

/** A condense or collapse function of the caller. */
export type RowsStage = (rows: ReadonlyMap<number, unknown>) => unknown

/** The names of one entry of a result that has several. */
export interface Group {
  readonly key: string
  readonly names: readonly string[]
}

/** What a read should return. */
export interface ReadPlan extends CallPlan {
  /** In the order of the groups, where there are any. None: no name was found. */
  readonly names: readonly string[]
  /** Names by labels, which are still to be found or grouped. */
  readonly byLabels: unknown
  /** Given as a list: the rows are joined, even those of a single name. */
  readonly joined: boolean
  /** What the result has by itself: each name, or the names with the same labels. Undefined: all are joined. */
  readonly groups: readonly Group[] | undefined
  readonly interval: Interval
  /** Its finest buckets are merged into those of another step. */
  readonly regroups: boolean
  /** What buckets without data show; undefined: the type's empty value. */
  readonly fill: Fill | undefined
  readonly processRow: ((row: unknown) => unknown) | undefined
  readonly joinRows: ((rows: readonly unknown[]) => unknown) | undefined
  /** The stage after joining may join the names too, since it merges by the same rules: sums are rounded once. See `joinsLater`. */
  readonly mayJoinLater: boolean
  /** Undefined: not condensed; true: the built-in. Collapsing condenses first, with the built-in by default. */
  readonly condense: true | RowsStage | undefined
  /** With `true`, the caller's condense gets all rows of the range at once, never its own results. */
  readonly collapse: true | RowsStage | undefined
  readonly transform: Transform | undefined
  /** What one result of it costs in memory at least, in numbers; undefined: as much as the data. */
  readonly transformCost: number | undefined
  readonly fetch: unknown
  readonly signal: AbortSignal | undefined
  /** The options of this read: `timestamp`, `start`, … */
  readonly fields: Fields
}

/** The options that every read takes. */
export const READ_OPTIONS: readonly string[] = [
  'condense',
  'joinRows',
  'processRow',
  'fetch',
  'transform',
  'fill',
  'maxGap',
  'maxNames',
  ...CALL_OPTIONS,
]

/** The step of other buckets than those stored, and where its days begin. */
export const EVERY_OPTIONS: readonly string[] = ['every', 'zone', 'offset']

/**
 * Checks all arguments of a read before any I/O. `known` lists the options of this read, those of every read among them; `alwaysRegroups`: it asks for
 * other buckets than those stored, whatever its options are.
 */
export function planRead(
  context: Context,
  names: unknown,
  interval: unknown,
  options: unknown,
  known: readonly string[],
  alwaysRegroups = false,
): ReadPlan {
  const { settings, driver } = context
  const { capabilities } = driver
  const fields = optionsOf(options, known, capabilities.readOptions)
  const { callOptions, patience, messages } = callPlanOf(fields, capabilities.readOptions)
  const { signal } = callOptions
  const collapse = stage('collapse', fields.collapse)
  const regroups =
    alwaysRegroups || fields.every !== undefined || fields.zone !== undefined || fields.offset !== undefined
  const condense = stage('condense', fields.condense) ?? (collapse !== undefined || regroups ? true : undefined)
  const joinRows = optionalFunction<(rows: readonly unknown[]) => unknown>('joinRows', fields.joinRows)
  const read = intervalOf(settings, interval)
  const byLabels = fields.groupBy !== undefined || hasMatcher(names) ? names : undefined
  const asked = byLabels === undefined ? namesOf(context, names) : []
  const split = fields.split !== undefined && splits(fields.split, joinRows)
  const processRow = optionalFunction<(row: unknown) => unknown>('processRow', fields.processRow)
  if (fields.fetch !== undefined && !capabilities.customFetch) {
    throw new KairosError('KAIROS_UNSUPPORTED', `fetch is not supported by the ${driver.id} store`, {
      driver: driver.id,
      feature: 'customFetch',
    })
  }
  if (signal?.aborted) throw aborted(signal)
  const shapers = { processRow, joinRows, condense, collapse }
  return {
    names: asked,
    byLabels,
    joined: !isOne(names),
    groups: split ? eachAlone(asked) : undefined,
    interval: read,
    regroups,
    processRow,
    joinRows,
    mayJoinLater:
      joinRows === undefined && condense === true && (read.resolution !== null || collapse === true || regroups),
    condense,
    collapse,
    fetch: fields.fetch,
    fill: fillOf(settings, { ...shapers, fields, interval: read }),
    transform: transformOf(settings, shapers, fields.transform) ?? settings.rules.show,
    transformCost: transformCost(fields.transform),
    signal,
    callOptions,
    patience,
    messages,
    fields,
  }
}

/** The plan for the names of these groups. */
export function withGroups(plan: ReadPlan, groups: readonly Group[]): ReadPlan {
  return { ...plan, names: groups.flatMap(({ names }) => names), groups }
}

/** Each name by itself. */
export function eachAlone(names: readonly string[]): readonly Group[] {
  return names.map((name) => ({ key: name, names: [name] }))
}

/**
 * One name, or a list or `Set` of them, each once.
 * @throws KAIROS_INVALID_VALUE
 */
function namesOf(context: Context, names: unknown): readonly string[] {
  if (isOne(names)) return [nameOf(context, names)]
  const list = namesIn(context, names)
  if (list.length > 0) return list
  throw noNames(names)
}

function isOne(names: unknown): boolean {
  return typeof names === 'string' || (isRecord(names) && !isMatcher(names))
}

function hasMatcher(names: unknown): boolean {
  return typeof names !== 'string' && listIn(names).some(isMatcher)
}

function stage(path: string, value: unknown): true | RowsStage | undefined {
  if (value === undefined || value === false) return undefined
  if (value === true || isFunction(value)) return value as true | RowsStage
  throw invalidOption(path, `${path} must be true, false or a function, not ${describe(value)}`)
}

/** @throws KAIROS_INVALID_CONFIG */
function splits(given: unknown, joinRows: unknown): boolean {
  const split = flagOf('split', given)
  if (split && joinRows !== undefined)
    throw invalidOption('joinRows', 'joinRows must be left out with split, which joins no names')
  return split
}

/** Whether an entry of the result may be made of several cells. */
export function mergesCells(plan: ReadPlan): boolean {
  const { collapse, regroups, condense, interval } = plan
  return (
    joinsNames(plan) || collapse !== undefined || regroups || (condense !== undefined && interval.resolution !== null)
  )
}

/** Whether an entry of the result may be made of several names. */
export function joinsNames({ names, groups }: ReadPlan): boolean {
  return names.length > (groups?.length ?? 1)
}

/** Whether the stage after joining joins the names too. */
export function joinsLater(plan: ReadPlan): boolean {
  return plan.mayJoinLater && joinsNames(plan)
}

/** The answer of a read: that of the names together, `answerOf(0)`, or a Map of each group to its own. */
export function resultOf(plan: ReadPlan, answerOf: (index: number) => Map<number, unknown>): Map<unknown, unknown> {
  if (plan.groups === undefined) return answerOf(0)
  return withJson(new Map(plan.groups.map(({ key }, index) => [key, answerOf(index)])))
}

function optionalFunction<F>(path: string, value: unknown): F | undefined {
  if (value === undefined || isFunction(value)) return value as F | undefined
  throw invalidOption(path, `${path} must be a function, not ${describe(value)}`)
}
