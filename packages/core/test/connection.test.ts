import { globSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { importPeer } from '../src/driver.ts'
import { KairosError, memoryDriver } from '../src/index.ts'
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
      expect(error.message).toContain('memory:, redis:')
      expect(error.message).toContain(`${name}, which is not installed`)
      // Whatever is published under such a name, the message does not suggest installing it.
      expect(error.message).not.toContain('npm install')
    }
    await counts.close()
  })

  it('a write says what was not applied', async () => {
    const error = await failureOf(() => createAny('foo:x', config).insert('a', 1), 'KAIROS_DRIVER_MISSING')
    expect(error).toMatchObject({
      stored: 0,
      notApplied: [{ name: 'a', interval: 'minute', start: 0 }],
      maybeApplied: [],
    })
    await failureOf(() => createAny('foo:x', config).insert('a', 'one'), 'KAIROS_INVALID_VALUE')
    const points = [{ name: 'a' }].values()
    expect(await failureOf(() => createAny('foo:x', config).bulkInsert(points), 'KAIROS_DRIVER_MISSING')).toMatchObject(
      {
        notApplied: [],
        maybeApplied: [],
      },
    )
    expect(points.next().done).toBe(false)
  })

  it.each([
    ['postgress://localhost/x', 'did you mean postgres:?'],
    ['mongo://localhost', 'did you mean mongodb:?'],
    ['casandra://localhost', 'did you mean cassandra:?'],
    ['mysqll:x', 'did you mean mysql:?'],
    ['localhost:6379', 'a host and a port need a scheme: redis://localhost:6379'],
    ['db.example.com:5432/x', 'a host and a port need a scheme'],
    ['http://localhost', 'must be one of memory:'],
  ])('%s is a mistake: what was meant is named', async (url, remedy) => {
    const error = await failureOf(() => createAny(url, config).open(), 'KAIROS_DRIVER_MISSING')
    expect(error.message).toContain(remedy)
    expect(error.message).not.toMatch(/npm install|kairos-driver/)
  })

  it.each([
    'postgress://user:secret@host/x',
    'postgress://user:sec/ret@host/x',
    'http://user:sec@ret@host/x',
    'user:secret@host:5432',
    '//user:secret@host',
    'postgress://host/x?password=secret',
  ])('%s: neither user nor password appears in the message', async (url) => {
    const error = await Promise.resolve()
      .then(() => createAny(url, config).open())
      .catch((reason: unknown) => reason as Error)
    expect(KairosError.is(error)).toBe(true)
    expect((error as Error).message).not.toMatch(/user:|sec|ret/)
  })

  it('of the Kairos scope is searched in the working folder, by the main script and by core, all of which are named', async () => {
    const before = [process.cwd(), process.argv[1]!] as const
    const [folder, app] = [mkdtempSync(join(tmpdir(), 'kairos-')), mkdtempSync(join(tmpdir(), 'kairos-app-'))]
    try {
      process.chdir(folder)
      process.argv[1] = join(app, 'main.js')
      const missing = await failureOf(
        () =>
          importPeer({
            ...{ package: 'kairos-test-peer', install: 'kairos-test-peer its-client' },
            ...{ scheme: 'foo', from: import.meta.url },
          }),
        'KAIROS_DRIVER_MISSING',
      )
      expect(missing.package).toBe('kairos-test-peer')
      expect(missing.message).toContain('npm install kairos-test-peer its-client (')
      for (const place of [realpathSync(folder), app, import.meta.dirname]) expect(missing.message).toContain(place)
      mkdirSync(join(app, 'node_modules/kairos-test-peer'), { recursive: true })
      writeFileSync(join(app, 'node_modules/kairos-test-peer/index.mjs'), 'export const found = true')
      writeFileSync(join(app, 'node_modules/kairos-test-peer/package.json'), '{"exports":"./index.mjs"}')
      expect(await importPeer({ package: 'kairos-test-peer', scheme: 'foo', from: import.meta.url })).toMatchObject({
        found: true,
      })
    } finally {
      process.chdir(before[0])
      process.argv[1] = before[1]
      for (const each of [folder, app]) rmSync(each, { recursive: true })
    }
  })

  it('where there is no Node: the driver is to be passed as an object', async () => {
    const { getBuiltinModule } = process
    Object.assign(process, { getBuiltinModule: undefined })
    try {
      const error = await failureOf(() => createAny('redis://x', config).open(), 'KAIROS_DRIVER_MISSING')
      expect(error.message).toContain('pass its object')
    } finally {
      Object.assign(process, { getBuiltinModule })
    }
  })
})

it('core imports nothing of Node', () => {
  for (const file of globSync('src/**/*.ts', { cwd: join(import.meta.dirname, '..') })) {
    const text = readFileSync(join(import.meta.dirname, '..', file), 'utf8')
    expect(text, file).not.toMatch(/(from|import\() *['"`]node:/)
  }
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
    const slow = `
      export function driverFromUrl() {
        return new Promise((resolve) => {
          const slow = { closed: 0, make: () => resolve({ ...globalThis.kairosMemory(), close: async () => void slow.closed++ }) }
          globalThis.kairosSlow = slow
        })
      }`
    install('kairos-driver-slow', { main: 'index.js' }, { 'index.js': slow })
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

  it('that is not a driver, or one for another contract', async () => {
    expect(await failureOf(() => createAny('none://x', config).open(), 'KAIROS_SPEC_MISMATCH')).toMatchObject({
      driver: 'kairos-driver-none',
      accepted: [1],
    })
    expect(await failureOf(() => createAny('old://x', config).open(), 'KAIROS_SPEC_MISMATCH')).toMatchObject({
      found: 0,
      accepted: [1],
    })
  })

  it('that cannot connect fails as a store does; a write reports its cells', async () => {
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

  it('that takes long to be made is outlived by no call, and is closed when it comes', async () => {
    const aborted = failureOf(
      () => createAny('slow://x', config).insert('a', 1, { signal: AbortSignal.timeout(20) }),
      'KAIROS_ABORTED',
    )
    expect(await aborted).toMatchObject({ notApplied: [{ name: 'a' }], maybeApplied: [] })
    const impatient = failureOf(
      () => createAny('slow://x', config).get('a', 'minute', { patience: 20 }),
      'KAIROS_STORE_FAILED',
    )
    expect(await impatient).toMatchObject({ operation: 'open', retryable: true })
    const counts = createAny('slow://x', config)
    const waiting = failureOf(() => counts.insert('a'), 'KAIROS_CLOSED')
    await counts.close({ timeout: 10 })
    expect(await waiting).toMatchObject({ notApplied: [{ name: 'a' }] })
    const slow = globalThis as unknown as { kairosSlow: { make(): void; closed: number } }
    expect(slow.kairosSlow.closed).toBe(0)
    slow.kairosSlow.make()
    await vi.waitUntil(() => slow.kairosSlow.closed === 1, { timeout: 30_000 })
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

  it.each<[capability: string, value: unknown]>([
    ['expiry', undefined],
    ['expiry.count', 'swep'],
    ['expiry.count', undefined],
    ['expiry.sketch', 'often'],
    ['maxStringLenght', 100],
    ['maxStringLength', '100'],
    ['maxNameBytes', 0],
    ['maxKeyBytes', Number.NaN],
    ['maxIntervalBytes', null],
    ['maxChange', -1],
    ['fractionalCounts', undefined],
    ['exactlyOnce', true],
    ['exactlyOnce', {}],
    ['exactlyOnce', { seconds: 5, minutes: 1 }],
    ['customFetch', 'no'],
    ['writeOptions', 'pipeline'],
    ['readOptions', [5]],
    ['events', true],
    ['events', { atomic: true, maxBodyLenght: 5_000_000 }],
    ['events', { atomic: true, maxBodyLength: 5 }],
    ['types', []],
    ['types', ['count', 5]],
  ])('of which the capability %s is %o is refused by name', async (capability, value) => {
    const { capabilities } = memoryDriver()
    const [key = '', inner] = capability.split('.')
    const wrong = inner === undefined ? value : { ...capabilities.expiry, [inner]: value }
    const driver = { ...memoryDriver(), capabilities: { ...capabilities, [key]: wrong } }
    const error = await failureOf(() => createAny(driver, config).open(), 'KAIROS_INVALID_CONFIG')
    expect(error.path).toBe(`capabilities.${capability}`)
  })

  it('whose capabilities are missing, or promise what is not there, is refused', async () => {
    const without = { ...memoryDriver(), capabilities: undefined }
    expect((await failureOf(() => createAny(without, config).open(), 'KAIROS_INVALID_CONFIG')).path).toBe(
      'capabilities',
    )
    const eventless = { ...memoryDriver(), openEvents: undefined }
    expect((await failureOf(() => createAny(eventless, config).open(), 'KAIROS_INVALID_CONFIG')).path).toBe(
      'openEvents',
    )
  })

  it('that declares its types is not opened with another', async () => {
    const memory = memoryDriver()
    const { count } = memory.capabilities.expiry
    const capabilities = { ...memory.capabilities, types: ['count'], expiry: { count } }
    const driver = { ...memory, capabilities }
    await createAny(driver, config).insert('a')
    const error = await failureOf(() => createAny(driver, { ...config, type: 'gauge' }), 'KAIROS_UNSUPPORTED')
    expect(error).toMatchObject({ driver: 'memory', feature: 'type', known: ['count'] })
  })

  it('that holds short names of intervals only: a longer one is refused before anything is opened', async () => {
    const memory = memoryDriver()
    const driver = {
      ...memory,
      capabilities: { ...memory.capabilities, maxIntervalBytes: 4 },
      open: () => Promise.reject(),
    }
    createAny(driver, { ...config, intervals: { é12: { step: 60 } } })
    const error = await failureOf(
      () => createAny(driver, { ...config, intervals: { é123: { step: 60 } } }),
      'KAIROS_INVALID_CONFIG',
    )
    expect(error.path).toBe('intervals.é123')
  })

  it.each<[what: string, client: object, remedy: string]>([
    ['an ioredis client', { sendCommand() {}, duplicate() {} }, 'redisDriver(client)'],
    ['a MongoClient', { startSession() {}, db() {} }, 'mongoDriver(client)'],
    ['a Db', { collection() {}, listCollections() {} }, 'mongoDriver(client)'],
    ['a Kysely', { selectFrom() {}, transaction() {} }, 'sqlDriver(client)'],
    ['a Cassandra client', { eachRow() {}, execute() {}, batch() {} }, 'cassandraDriver(client)'],
    ['a database of node:sqlite', { prepare() {}, exec() {}, open() {} }, "sqlDriver('sqlite:path')"],
    ['a Pool of pg', { query() {}, connect() {} }, 'sqlDriver(kysely)'],
  ])('that is %s: what to wrap it in is named', async (_what, client, remedy) => {
    const error = await failureOf(() => createAny(client, config), 'KAIROS_INVALID_CONFIG')
    expect(error.path).toBe('store')
    expect(error.message).toContain(`use ${remedy}`)
  })

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
