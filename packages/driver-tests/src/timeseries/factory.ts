import { KairosError } from '@kairos/core'
import type { DriverTest } from '../driver-test.ts'
import { claim, same, show } from '../internal/same.ts'
import type { DriverTestOptions } from '../options.ts'

const SECRET = 'hunter2'

/** What a driver's factory says about wrong arguments: the same on every driver. */
export function factoryTests({ factory }: DriverTestOptions): DriverTest[] {
  const tests: readonly DriverTest[] = [
    {
      title: 'factory: anything but a client is refused, and the message says what is expected',
      async run() {
        for (const client of [null, undefined, 5, true, {}, () => {}])
          await expectRefused(() => factory!.make(client), `the client ${show(client)}`, 'store')
      },
    },
    {
      title: 'factory: invalid and unknown options are refused',
      async run() {
        for (const timeout of ['5', 0, 0.5, 2 ** 31, Number.NaN, null])
          await expectRefused(() => factory!.make(factory!.url, { timeout }), `the timeout ${show(timeout)}`, 'timeout')
        for (const options of [null, 5, 'text', { 'no option of any driver': 1 }])
          await expectRefused(() => factory!.make(factory!.url, options), `the options ${show(options)}`)
      },
    },
    {
      title: 'factory: a URL that cannot be decoded is refused, and no message shows its password',
      async run() {
        const { url } = factory!
        const scheme = url.slice(0, url.indexOf(':'))
        const broken = [`${url}%zz`, `${scheme}://user:${SECRET}@host:1/%zz`]
        for (const each of broken) {
          const error = await expectRefused(() => factory!.make(each), `the URL ${each.replace(SECRET, '…')}`, 'store')
          claim(
            !`${error.message} ${show(error.cause)}`.includes(SECRET),
            'the message of a URL that is refused tells its password',
          )
        }
      },
    },
  ]
  return tests.map((test) => ({
    ...test,
    skip: () => (factory === undefined ? 'describeDriver was not given `factory`' : null),
  }))
}

/** Immediately, or when it is opened: a factory may have to import its client first. */
async function expectRefused(make: () => unknown, what: string, path?: string): Promise<KairosError> {
  let made: unknown
  try {
    made = await make()
  } catch (error) {
    claim(KairosError.is(error), () => `${what}: want a KairosError, and it throws ${String(error)}`)
    claim(
      error.code === 'KAIROS_INVALID_CONFIG',
      () => `${what}: want KAIROS_INVALID_CONFIG, not ${error.code}: ${error.message}`,
    )
    claim(error.message.length > 10, `${what}: the message says what is wanted`)
    if (path !== undefined) same(error.path, path, `the path of the error for ${what}`)
    return error
  }
  return claim(false, `${what} is taken: ${show(typeof made)}`) as never
}
