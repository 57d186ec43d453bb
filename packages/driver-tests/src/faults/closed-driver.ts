import { setTimeout } from 'node:timers/promises'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { kinds } from '../internal/kinds.ts'
import { retried } from '../internal/patient.ts'
import { claim, same } from '../internal/same.ts'
import { schemaOf } from '../internal/schema.ts'
import { TYPES } from '../internal/types.ts'
import { cell, expectCells, readCells, usualConfig, write } from '../store/cells.ts'
import { placeOf } from '../test-context.ts'

/** Milliseconds after which a call counts as hanging: beyond the time limit by which drivers end it themselves. */
const FOR_EVER = 30_000

/**
 * The store of a driver that was closed too early may continue, as it does if the client is the caller's, or may refuse. What must not happen is that a
 * call resolves without having done anything: nobody would notice.
 */
export const closedDriverTests: readonly DriverTest[] = ofTypes(TYPES, (type) => ({
  title: `close: ${type}: the store of a closed driver refuses, or does what it says`,
  async run(context) {
    const config = usualConfig(type)
    const cellOf = (name: string) => cell(name, 'minute', 3, 0, kinds[type].change(1))
    const driver = await context.ownDriver(placeOf(config))
    const schema = await schemaOf(config)
    const closed = { store: (await retried(() => driver.open(schema))).store, schema }
    // If two drivers share nothing, only the closed one can tell what it holds.
    const looking = context.options.shared === false ? closed : await context.cells(config)
    const [before, after] = [cellOf(context.name()), cellOf(context.name())]
    const query = { names: [before.name, after.name], interval: 'minute', range: { first: 0, last: 9 } }
    await retried(() => write(closed, [before]))
    await driver.close()

    await unlessRefused(readCells(closed, query), (found) =>
      same(found, new Map([[`3/0 ${before.name}`, before.change]]), 'read after the driver was closed'),
    )
    await unlessRefused(closed.store.bounds(query), (found) =>
      same(found, { first: 3, last: 3 }, 'bounds after the driver was closed'),
    )
    await unlessRefused(closed.store.names({ oldestLive: { minute: 3 }, limit: 1_000 }), ({ names }) =>
      claim(names.includes(before.name), 'names() resolves after the driver was closed, without a name that is there'),
    )
    await unlessRefused(write(closed, [after]), () =>
      retried(() => expectCells(looking, query, [before, after], 'a write that resolved after the driver was closed')),
    )
    await unlessRefused(closed.store.delete([before.name, after.name]), () =>
      retried(() => expectCells(looking, query, [], 'a delete that resolved after the driver was closed')),
    )
  },
}))

/** Passes on what a call resolves to; a rejection is a sufficient answer. */
async function unlessRefused<T>(call: Promise<T>, check: (found: T) => unknown): Promise<void> {
  const pending = Symbol('pending')
  const waiting = new AbortController()
  const outcome = await Promise.race([
    call.then(
      (value) => ({ value }),
      () => null,
    ),
    setTimeout(FOR_EVER, pending, { signal: waiting.signal }),
  ]).finally(() => waiting.abort())
  claim(typeof outcome !== 'symbol', `a call after the driver was closed is not answered within ${FOR_EVER} ms`)
  if (outcome !== null) await check(outcome.value)
}
