import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memoryDriver } from '../src/index.ts'
import { createAny } from './support/any-timeseries.ts'
import { failureOf } from './support/failure.ts'

const config = { type: 'count', intervals: { minute: { step: 60 } }, now: () => 0 }

describe('memory:', () => {
  it('is a driver of the timeseries’ own', async () => {
    const [one, other] = [createAny('memory:', config), createAny('MEMORY:', config)]
    await one.insert('a')
    expect([await one.list(), await other.list()]).toEqual([['a'], []])
  })
})

describe('a URL whose package is not installed', () => {
  it.each([
    ['foo://host', 'foo', 'kairos-driver-foo'],
    ['foo+bar://host', 'foo+bar', 'kairos-driver-foo+bar'],
  ])('%s', async (url, scheme, name) => {
    const counts = createAny(url, config)
    for (const call of [() => counts.open(), () => counts.insert('a'), () => counts.iterate('a', 'minute').next()]) {
      const error = await failureOf(call, 'KAIROS_DRIVER_MISSING')
      expect(error).toMatchObject({ scheme, package: name })
      expect(error.message).toContain(`npm install ${name}`)
    }
    await counts.close()
  })
})

const OURS: readonly [scheme: string, name: string][] = [
  ['redis', '@kairos/redis'],
  ['rediss', '@kairos/redis'],
  ['redis+cluster', '@kairos/redis'],
  ['redis+sentinel', '@kairos/redis'],
  ['mongodb', '@kairos/mongo'],
  ['mongodb+srv', '@kairos/mongo'],
  ['sqlite', '@kairos/sql'],
  ['postgres', '@kairos/sql'],
  ['postgresql', '@kairos/sql'],
  ['mysql', '@kairos/sql'],
  ['mariadb', '@kairos/sql'],
  ['pglite', '@kairos/sql'],
  ['cassandra', '@kairos/cassandra'],
  ['cql', '@kairos/cassandra'],
]

describe('a package that is installed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kairos-'))
  const before = process.cwd()

  /** An application's folder with packages installed in it. */
  beforeAll(() => {
    const install = (name: string, manifest: object, files: Readonly<Record<string, string>>): void => {
      const at = join(folder, 'node_modules', name)
      mkdirSync(at, { recursive: true })
      writeFileSync(join(at, 'package.json'), JSON.stringify({ name, version: '1.0.0', type: 'module', ...manifest }))
      for (const [file, text] of Object.entries(files)) writeFileSync(join(at, file), text)
    }
    const driver = `
      export const made = (globalThis.kairosMade ??= [])
      export function driverFromUrl(url, clientConfig) {
        const entry = { url, clientConfig, closed: 0 }
        made.push(entry)
        return { ...globalThis.kairosMemory(), id: 'foo', async close() { entry.closed++ } }
      }`
    install('kairos-driver-foo', { main: 'index.js' }, { 'index.js': driver })
    install(
      'kairos-driver-only',
      { exports: { '.': { types: './x.d.ts', import: './only.js' } } },
      { 'only.js': driver },
    )
    for (const name of new Set(OURS.map(([, ours]) => ours))) {
      const text = `export const driverFromUrl = () => ({ ...globalThis.kairosMemory(), id: '${name}' })`
      install(name, { main: 'index.js' }, { 'index.js': text })
    }
    install('kairos-driver-none', { main: 'index.js' }, { 'index.js': 'export const nothing = 1' })
    install(
      'kairos-driver-old',
      { main: 'index.js' },
      { 'index.js': 'export const driverFromUrl = () => ({ spec: 0, open() {} })' },
    )
    install(
      'kairos-driver-down',
      { main: 'index.js' },
      { 'index.js': "export async function driverFromUrl() { throw new Error('no route') }" },
    )
    install(
      'kairos-driver-open',
      { main: 'index.js' },
      {
        'index.js':
          "export const driverFromUrl = () => ({ ...globalThis.kairosMemory(), async close() { throw new Error('still busy') } })",
      },
    )
    install('kairos-driver-broken', { main: 'index.js' }, { 'index.js': "throw new TypeError('broken')" })
    Object.assign(globalThis, { kairosMemory: memoryDriver })
    process.chdir(folder)
  })
  afterAll(() => {
    process.chdir(before)
    rmSync(folder, { recursive: true })
  })
  const made = (): { url: string; clientConfig: unknown; closed: number }[] =>
    (globalThis as { kairosMade?: never[] }).kairosMade ?? []

  it.each(['foo', 'only'])(
    'kairos-driver-%s serves its scheme: made once, given url and clientConfig, closed with the timeseries',
    async (scheme) => {
      const clientConfig = { password: 'x' }
      const counts = createAny(`${scheme}://host/1`, { ...config, clientConfig })
      const count = made().length
      await Promise.all([counts.insert('a'), counts.insert('a')])
      expect(await counts.get('a', 'minute')).toEqual(new Map([[0, 2]]))
      expect(made()).toHaveLength(count + 1)
      expect(made().at(-1)).toEqual({ url: `${scheme}://host/1`, clientConfig, closed: 0 })
      expect(made().at(-1)!.clientConfig).toBe(clientConfig)
      await counts.close()
      await counts.close()
      expect(made().at(-1)!.closed).toBe(1)
    },
  )

  it.each(OURS)('of %s: is %s', async (scheme, name) => {
    const counts = createAny(`${scheme}://host`, config)
    await counts.open()
    const error = await failureOf(() => counts.get('a', 'minute', { fetch: true }), 'KAIROS_UNSUPPORTED')
    expect(error.driver).toBe(name)
  })

  it('that was never needed is never made', async () => {
    const count = made().length
    await createAny('foo://host', config).close()
    expect(made()).toHaveLength(count)
  })

  it('that is no driver, or one of another contract', async () => {
    expect(await failureOf(() => createAny('none://x', config).open(), 'KAIROS_SPEC_MISMATCH')).toMatchObject({
      driver: 'kairos-driver-none',
      accepted: [1],
    })
    expect(await failureOf(() => createAny('old://x', config).open(), 'KAIROS_SPEC_MISMATCH')).toMatchObject({
      found: 0,
      accepted: [1],
    })
  })

  it('that cannot connect fails as a store does; a write is told of its cells', async () => {
    const error = await failureOf(() => createAny('down://x', config).open(), 'KAIROS_STORE_FAILED')
    expect(error).toMatchObject({ driver: 'down', operation: 'open', retryable: false })
    expect((error.cause as Error).message).toBe('no route')
  })

  it('that cannot close fails as a store does', async () => {
    const counts = createAny('open://x', config)
    await counts.open()
    expect(await failureOf(() => counts.close(), 'KAIROS_STORE_FAILED')).toMatchObject({
      driver: 'memory',
      operation: 'close',
    })
  })

  it('that breaks while it is loaded: its own error passes through', async () => {
    await expect(createAny('broken://x', config).open()).rejects.toThrow('broken')
  })
})

describe('a driver object', () => {
  it.each([{ spec: 2 }, { spec: undefined }, { spec: '1' }])(
    'of another contract is refused at once: %o',
    async (other) => {
      const driver = { ...memoryDriver(), ...other }
      expect(await failureOf(() => createAny(driver, config), 'KAIROS_SPEC_MISMATCH')).toMatchObject({
        found: other.spec,
        accepted: [1],
      })
    },
  )

  it('is never closed by a timeseries, and may serve many', async () => {
    let closed = 0
    const driver = { ...memoryDriver(), close: async () => void closed++ }
    const [one, other] = [createAny(driver, config), createAny(driver, config)]
    await one.insert('a')
    await one.close()
    expect(await other.list()).toEqual(['a'])
    await other.close()
    expect(closed).toBe(0)
  })
})
