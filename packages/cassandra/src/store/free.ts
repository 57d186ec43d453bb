import { eachConcurrently } from '@kairos/core/driver'
import type { RegisteredName } from '../registry/registry.ts'
import { dropTable } from '../schema/ddl.ts'
import type { StoreContext } from './context.ts'
import { deleteWindow } from './delete.ts'

/** Names whose cells are deleted at a time. */
const AT_ONCE = 64

/**
 * Deletes the cells of these intervals, given by their keys, and their registrations: what was replaced or dropped. Nothing shows them any more, and
 * nothing is written under these keys again, so this may be cut off or repeated at any time.
 * @throws StoreFailure
 */
export function freeCells(context: StoreContext, intervals: readonly string[]): Promise<void> {
  return free(context, (interval) => intervals.includes(interval))
}

/**
 * Deletes everything of a generation of the schema. Its table is dropped, unless it is shared with other names.
 * @throws StoreFailure
 */
export async function freeAll(context: StoreContext, keyspace: string): Promise<void> {
  const { session, layout } = context
  const shared = layout.timeseries !== undefined
  if (!shared) await dropTable(session.timed, keyspace, layout.table)
  await free({ ...context, hasTable: context.hasTable && shared }, () => true)
}

async function free(context: StoreContext, isFreed: (interval: string) => boolean): Promise<void> {
  const { registry, clock } = context
  await clock.ready()
  const registrations = async function* (): AsyncGenerator<RegisteredName> {
    for await (const registered of registry.names()) if (isFreed(registered.interval)) yield registered
  }
  await eachConcurrently(AT_ONCE, registrations(), async ({ name, interval }) => {
    if (context.hasTable)
      for await (const window of registry.windows(name, interval)) await deleteWindow(context, name, interval, window)
    await registry.forget(name, interval, clock.deleteTimestamp())
  })
}
