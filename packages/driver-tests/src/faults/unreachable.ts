import type { StorageDriver } from '@kairos/core/driver'
import type { DriverTest } from '../driver-test.ts'
import { failureOf } from '../internal/agree.ts'
import { type AnyConfig, createAnyTimeseries } from '../internal/any-timeseries.ts'
import { claim, same } from '../internal/same.ts'
import { schemaOf } from '../internal/schema.ts'
import { TYPES } from '../internal/types.ts'
import type { DriverTestOptions } from '../options.ts'
import { usualConfig } from '../store/cells.ts'
import { NOW } from '../test-context.ts'
import { RETRIES } from './write-report.ts'

export function unreachableTests({ unreachable }: DriverTestOptions): DriverTest[] {
  const made = async (): Promise<{ driver: StorageDriver; config: AnyConfig }> => {
    const driver = await unreachable!()
    const { types = TYPES } = driver.capabilities
    return { driver, config: { ...usualConfig(TYPES.find((type) => types.includes(type))!), now: () => NOW } }
  }
  const tests: readonly DriverTest[] = [
    {
      title: 'unreachable: open rejects with an error that says whether a retry may help',
      async run() {
        const { driver, config } = await made()
        const opening = await driver.open(await schemaOf(config)).catch((error: unknown) => error)
        claim(opening instanceof Error, 'open must reject with an Error where the store does not answer')
        const retry = 'retry' in opening ? opening.retry : undefined
        claim(RETRIES.includes(retry), `the error's retry is ${String(retry)}: want 'now', 'later' or 'never'`)
        await driver.close()
      },
    },
    {
      title: 'unreachable: what the driver was not written for is refused without the store',
      async run() {
        const { driver, config } = await made()
        const schema = { ...(await schemaOf(config)), record: '{"version":2}' }
        for (const [feature, value] of [
          ['type', 'spectrum'],
          ['valueType', 'colour'],
        ] as const) {
          const open = async () => driver.open({ ...schema, [feature]: value })
          const error = await failureOf(open(), 'KAIROS_UNSUPPORTED', `a ${feature} of a later Kairos`)
          same(error.feature, feature, 'the feature that the error names')
        }
        await driver.close()
      },
    },
    {
      title: 'unreachable: a signal ends the wait, and the write says that nothing was stored',
      async run() {
        const { driver, config } = await made()
        const timeseries = createAnyTimeseries(driver, config)
        const signal = AbortSignal.timeout(250)
        // They wait for one opening, and would share a batch.
        const writes = ['a', 'b', 'a'].map((name) =>
          timeseries.insert(name, 1, { signal }).then(
            () => claim(false, 'a write resolves although the store does not answer'),
            (error) => ({ ...error, code: error.code, name }),
          ),
        )
        const read = timeseries.get('a', 'minute', { signal }).then(
          () => claim(false, 'a read resolves although the store does not answer'),
          (error) => error,
        )
        const [found, ...written] = await Promise.all([read, ...writes])
        // A driver that knows immediately that its store will never answer is faster than the signal.
        for (const { code } of [...written, found])
          claim(
            ['KAIROS_ABORTED', 'KAIROS_STORE_FAILED'].includes(code),
            `want KAIROS_ABORTED or KAIROS_STORE_FAILED, not ${code}`,
          )
        for (const { name, notApplied, maybeApplied } of written) {
          same(maybeApplied, [], 'cells that may have been stored')
          const names = notApplied.map((cell: { readonly name: string }) => cell.name)
          same(names, [name, name, name], 'the names of cells that were not stored')
        }
        await timeseries.close()
        await driver.close()
      },
    },
    {
      title: 'unreachable: when its patience ends, core wraps what the driver rejects with',
      long: true,
      async run() {
        const { driver, config } = await made()
        const timeseries = createAnyTimeseries(driver, config)
        const [written, listed] = await Promise.all([
          failureOf(timeseries.insert('a', 1), 'KAIROS_STORE_FAILED', 'a write'),
          failureOf(timeseries.list(), 'KAIROS_STORE_FAILED', 'a list'),
        ])
        same(written.notApplied?.length, 3, 'cells that were not stored')
        for (const error of [written, listed]) {
          same(error.driver, driver.id, 'the driver that the error names')
          claim(error.cause instanceof Error, 'the error carries its cause')
        }
        await timeseries.close()
        await driver.close()
      },
    },
  ]
  return tests.map((test) => ({
    ...test,
    skip: () => (unreachable === undefined ? 'describeDriver was not given `unreachable`' : null),
  }))
}
