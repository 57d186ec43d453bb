import { weigherOf } from '@kairos/core/calls'
import { eachConcurrently } from '@kairos/core/driver'
import type { AnyTimeseries, CellSource } from '../cells/source.ts'
import { carriedCells } from './carried.ts'
import type { CarriedCell } from './carried-cell.ts'
import { type Group, Groups } from './groups.ts'
import type { Migration } from './migration.ts'
import { checkedOptions, chosenNames, chosenStretch } from './options.ts'
import type { Route } from './route.ts'
import { findRoutes } from './routes.ts'
import { beginningState } from './state.ts'
import { type State, StateFile } from './state-file.ts'
import type { MigrateOptions, MigrationPlan, MigrationProgress, MigrationResult } from './types.ts'
import { verify } from './verify.ts'

/** What is written together: at most one batch of core's. */
const MOST_CELLS = 5_000
const MOST_VALUES = 50_000

/**
 * Says what `migrate` would do, and what it cannot carry exactly. Nothing is written.
 * @throws KAIROS_INVALID_CONFIG where the target asks for what the source cannot give, and what `names` throws
 * @example `for (const { text } of (await planMigration(old, fresh)).notes) console.log(text)`
 */
export async function planMigration(
  source: CellSource,
  target: AnyTimeseries,
  options: MigrateOptions = {},
): Promise<MigrationPlan> {
  return (await prepared(source, target, options)).plan
}

/**
 * Moves a timeseries, or what `openLegacy` opened, to another store: each cell of the target is set to what the source holds, so that it may be repeated.
 * Nothing is deleted. What has expired by the target's retention is not carried over. Memory stays bounded. With `state` it can be resumed, also after its
 * process was killed.
 * @throws KAIROS_INVALID_CONFIG, before anything is written; and what `cells` and `write` throw
 * @example
 * const { cells, started, verified } = await migrate(old, fresh, { state: 'views.state', resume: true, verify: true })
 * console.log(cells, verified?.equal)
 * // The writers have moved to `fresh`: what was written to `old` in the meantime.
 * await migrate(old, fresh, { since: started })
 */
export async function migrate(
  source: CellSource,
  target: AnyTimeseries,
  options: MigrateOptions = {},
): Promise<MigrationResult> {
  const planned = await prepared(source, target, options)
  const { plan, routes } = planned
  await planned.options.onPlan?.(plan)
  if (options.dryRun) return { plan, started: routes.source.retention.now(), names: 0, cells: 0, expired: 0 }
  const state = await beginningState(planned)
  const migration = { ...planned, stretch: { start: state.start ?? undefined, end: state.end ?? undefined } }
  const report = (progress: Omit<MigrationProgress, 'of'>): void =>
    migration.options.onProgress?.({ ...progress, of: plan.names })
  if (!state.isFinished) await new Mover(migration, state, report).run()
  const { started, names, cells, expired } = state
  const result = { plan, started, names, cells, expired }
  return options.verify ? { ...result, verified: await verify(migration, report) } : result
}

async function prepared(source: CellSource, target: AnyTimeseries, options: MigrateOptions): Promise<Migration> {
  const checked = checkedOptions(options)
  const routes = await findRoutes(source, target, checked)
  let names = 0
  for await (const _name of chosenNames(source, checked)) names++
  const intervals = routes.routes.map(({ target: { name }, source: { name: from }, how }) => ({
    interval: name,
    from,
    how,
  }))
  const plan = { names, intervals, notes: routes.notes }
  return { source, target, options: checked, routes, plan, stretch: chosenStretch(checked) }
}

/** Moves the groups that are not done. */
class Mover {
  readonly #migration: Migration
  readonly #state: State
  readonly #file: StateFile
  readonly #groups: Groups
  readonly #report: () => void
  readonly #weigh: (value: CarriedCell['value']) => number

  constructor(migration: Migration, state: State, report: (progress: Omit<MigrationProgress, 'of'>) => void) {
    this.#migration = migration
    this.#state = state
    this.#file = new StateFile(migration.options.state, state)
    this.#groups = new Groups(state)
    this.#report = () => report({ phase: 'copy', names: state.names, cells: state.cells })
    this.#weigh = weigherOf(migration.routes.target.settings) as (value: CarriedCell['value']) => number
  }

  async run(): Promise<void> {
    const { source, options } = this.#migration
    await this.#file.save()
    try {
      const groups = this.#groups.of(chosenNames(source, options))
      await eachConcurrently(options.parallel, groups, (group, stop) => this.#move(group, stop))
      this.#state.isFinished = true
    } finally {
      await this.#file.save()
    }
  }

  async #move(group: Group, stop: { readonly isAsked: boolean }): Promise<void> {
    const { names, mark } = group
    const { routes } = this.#migration.routes
    for (; mark.at < routes.length; mark.at++) {
      for await (const { cells, cursor } of this.#batches(routes[mark.at]!, names, mark.cursor)) {
        await this.#write(cells)
        mark.cursor = cursor
        this.#report()
        await this.#file.saveSometimes()
        if (stop.isAsked) return
      }
      delete mark.cursor
    }
    this.#groups.finish(group)
    this.#report()
    await this.#file.saveSometimes()
  }

  async *#batches(
    route: Route,
    names: readonly string[],
    after: string | undefined,
  ): AsyncGenerator<{ readonly cells: readonly CarriedCell[]; readonly cursor: string }, void, undefined> {
    const { source, stretch, options, routes } = this.#migration
    const { signal, patience } = options
    let cells: CarriedCell[] = []
    let values = 0
    const windows = carriedCells(source, routes, route, { names, ...stretch, after, signal, patience })
    for await (const window of windows)
      for (const cell of window) {
        const weight = this.#weigh(cell.value)
        if (cells.length === MOST_CELLS || values + weight > MOST_VALUES) {
          if (cells.length > 0) yield { cells, cursor: cells.at(-1)!.cursor }
          cells = []
          values = 0
        }
        cells.push(cell)
        values += weight
      }
    if (cells.length > 0) yield { cells, cursor: cells.at(-1)!.cursor }
  }

  async #write(cells: readonly CarriedCell[]): Promise<void> {
    const { target, options } = this.#migration
    const { signal, patience } = options
    const { stored, expired } = await target.write(cells as never, { mode: 'replace', signal, patience })
    this.#state.cells += stored
    this.#state.expired += expired
  }
}
