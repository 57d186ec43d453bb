import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { env, loadConfig } from '../src/index.ts'

/** `${NAME}`, which the linter takes for a mistake. */
const variable = (name: string): string => `\${${name}}`
const views = `{ type: 'count', intervals: { minute: { step: '1min', steps: 60 } } }`

describe('loadConfig', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kairos-config-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
    vi.unstubAllEnvs()
  })
  const write = (name: string, text: string): string => {
    const file = join(folder, name)
    writeFileSync(file, text)
    return file
  }

  it('finds the configuration of a folder, in any form', async () => {
    expect(await loadConfig(folder)).toEqual({})
    for (const ending of ['mjs', 'js', 'ts']) {
      const typed = ending === 'ts' ? 'const url: string = ' : 'const url = '
      const file = write(`kairos.config.${ending}`, `${typed} 'memory:'\nexport default { stores: { main: url } }\n`)
      expect(await loadConfig(folder)).toEqual({ stores: { main: 'memory:' } })
      rmSync(file)
    }
    write('kairos.config.json', '{ "stores": { "main": "memory:" } }')
    expect(await loadConfig(folder)).toEqual({ stores: { main: 'memory:' } })
    write('kairos.config.mjs', 'export default {}')
    await expect(loadConfig(folder)).rejects.toThrow(/there must be one of .*kairos\.config\.mjs and .*\.json/)
  })

  it('merges by name, and puts aggregates behind each other', async () => {
    const one = write(
      'one.mjs',
      `export default { stores: { a: 'memory:', b: 'memory:' }, timeseries: { views: ${views} }, aggregates: [['all', '*']], server: { port: 1 } }`,
    )
    const other = write(
      'other.mjs',
      `export default { stores: { b: 'sqlite:x.db' }, timeseries: { views: { ...${views}, store: 'b' } }, aggregates: [['any', '**']], server: { host: '::1' } }`,
    )
    expect(await loadConfig([one, other])).toEqual({
      stores: { a: 'memory:', b: 'sqlite:x.db' },
      timeseries: { views: { store: 'b', type: 'count', intervals: { minute: { step: '1min', steps: 60 } } } },
      aggregates: [
        ['all', '*'],
        ['any', '**'],
      ],
      server: { port: 1, host: '::1' },
    })
  })

  it('names the file, the path and what was expected', async () => {
    const good = write('good.mjs', `export default { stores: { a: 'memory:' }, timeseries: { views: ${views} } }`)
    const bad = write(
      'bad.json',
      '{ "timeseries": { "v.1": { "type": "count", "intervals": { "day": { "step": "dayly" } } } } }',
    )
    await expect(loadConfig([good, bad, good])).rejects.toMatchObject({
      code: 'KAIROS_INVALID_CONFIG',
      path: 'timeseries.v.1.intervals.day.step',
      message: expect.stringMatching(/^.*bad\.json: timeseries\.v\.1\.intervals\.day\.step must be /),
    })
    const cases: [string, string, RegExp][] = [
      ['a.json', '{ "stores": ', /a\.json: cannot be read: .*JSON/],
      ['b.mjs', 'export const config = {}', /b\.mjs: must have the configuration as its default export/],
      ['c.mjs', "import 'kairos-missing'", /c\.mjs: cannot be read: .*; install the package/],
      ['d.mjs', 'export default 7', /d\.mjs: the configuration must be an object, not 7/],
      ['e.yaml', '', /e\.yaml: the name of a configuration must end in \.ts, \.js, \.mjs, \.json/],
      ['f.json', '{ "server": { "token": "" } }', /f\.json: server\.token must be a string/],
      ['g.json', '{ "server": { "hosts": ["*"] } }', /g\.json: server\.hosts\[0\] must be the name of a host/],
    ]
    for (const [name, text, message] of cases) await expect(loadConfig(write(name, text))).rejects.toThrow(message)
    await expect(loadConfig(join(folder, 'none.ts'))).rejects.toThrow(/none\.ts: there is no such file/)
  })

  it('refuses a key __proto__ like others that it does not know, wherever it is', async () => {
    const inherited = '"__proto__": { "server": { "port": 1 } }'
    const cases: [string, string][] = [
      [`{ ${inherited} }`, '__proto__'],
      ['{ "server": { "__proto__": { "port": 1 } } }', 'server.__proto__'],
      ['{ "server": { "limits": { "__proto__": {} } } }', 'server.limits.__proto__'],
      [
        '{ "timeseries": { "v": { "type": "count", "intervals": { "m": { "step": 60 } }, "__proto__": {} } } }',
        'timeseries.v.__proto__',
      ],
    ]
    const none = write('none.json', '{}')
    for (const [text, path] of cases)
      for (const files of [[write('a.json', text)], [none, write('a.json', text), none]])
        await expect(loadConfig(files)).rejects.toMatchObject({ code: 'KAIROS_INVALID_CONFIG', path })
  })

  it('takes secrets from the environment and never says them', async () => {
    vi.stubEnv('KAIROS_TEST_SECRET', 'secret')
    expect(env('KAIROS_TEST_SECRET')).toBe('secret')
    expect(env('KAIROS_TEST_MISSING', 'otherwise')).toBe('otherwise')
    expect(() => env('KAIROS_TEST_MISSING')).toThrow('the environment variable KAIROS_TEST_MISSING must be set')
    const json = write('a.json', `{ "server": { "token": ["${variable('KAIROS_TEST_SECRET')}"] } }`)
    expect((await loadConfig(json)).server).toEqual({ token: ['secret'] })
    const missing = write('b.json', `{ "stores": { "main": "redis://:${variable('KAIROS_TEST_MISSING')}@host" } }`)
    await expect(loadConfig(missing)).rejects.toThrow(
      /b\.json: the environment variable KAIROS_TEST_MISSING must be set/,
    )
    const wrong = write(
      'c.json',
      `{ "stores": { "main": "nothing://user:${variable('KAIROS_TEST_SECRET')}@host" }, "x": 1 }`,
    )
    await expect(loadConfig(wrong)).rejects.toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') }),
    )
  })

  it('reads regular expressions in JSON, and a file that has changed', async () => {
    const file = write('a.json', '{ "aggregates": [["all", { "regexp": "^app" }]] }')
    expect(await loadConfig(file)).toEqual({ aggregates: [['all', /^app/]] })
    const module = write('b.mjs', `export default { stores: { a: 'memory:' } }`)
    await loadConfig(module)
    write('b.mjs', `export default { stores: { b: 'memory:' } }`)
    utimesSync(module, 1, 1)
    expect(await loadConfig(module)).toEqual({ stores: { b: 'memory:' } })
  })
})
