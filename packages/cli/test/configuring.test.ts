import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { loadConfig } from '@kairos/server'
import { afterAll, describe, expect, it } from 'vitest'
import { configText } from '../src/init/config-text.ts'
import { readsModules } from '../src/init/module-type.ts'
import { type Calling, kairos, type Ran, rowsIn, typed } from './support/kairos.ts'

const folder = mkdtempSync(join(tmpdir(), 'kairos-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string): string => join(folder, name)
const ask = (line: string, calling: Calling = {}): Promise<Ran> => typed(`kairos ${line}`, calling)

describe('init', () => {
  it('writes a configuration that loads and works, and never over another file', async () => {
    const path = file('kairos.config.mjs')
    const { code, err } = await ask(`init --yes --output ${path}`)
    expect([code, err]).toEqual([0, expect.stringContaining('Try: kairos insert home')])
    const text = readFileSync(path, 'utf8')
    expect(text).toContain("stores: { main: 'sqlite:metrics.db' }")
    writeFileSync(path, text.replace('sqlite:metrics.db', `sqlite:${file('metrics.db')}`))
    expect((await ask(`insert home 3 --config ${path}`)).out).toBe('{"stored":3,"expired":0}\n')
    expect((await ask(`series home hour --steps 1 --config ${path}`)).out).toContain('"value":3')
    const yesterday = `series home minute --start -2d --steps 1 --config ${path}`
    expect((await ask(yesterday, { terminal: true })).err).toContain('minute keeps only what is newer than ')
    expect((await ask(yesterday.replace('-2d', '-1h'), { terminal: true })).err).not.toContain('keeps only')
    expect(await ask(`init --yes --output ${path}`)).toMatchObject({
      code: 2,
      err: expect.stringContaining('exists already'),
    })
    expect(await ask('init')).toMatchObject({ code: 2, err: expect.stringContaining('--yes') })
  })

  it.each(['count', 'gauge', 'summary', 'distribution', 'histogram', 'set', 'unique', 'series'])(
    'of a %s loads',
    async (type) => {
      const path = file(`${type}.ts`)
      writeFileSync(path, configText({ store: 'memory:', type, name: "it's" }, true))
      // A quote in a name is refused by the library, not by the syntax.
      await expect(loadConfig(path)).rejects.toThrow(/it's/)
      writeFileSync(path, configText({ store: 'memory:', type, name: 'its' }, true))
      expect((await loadConfig(path)).timeseries).toHaveProperty('its.type', type)
    },
  )
})

describe('the ending of a configuration', () => {
  it('is that of a module', () => {
    const own = mkdtempSync(join(folder, 'own-'))
    expect(readsModules(join(own, 'nowhere'))).toBe(true)
    writeFileSync(join(own, 'package.json'), '{ "type": "commonjs" }')
    expect(readsModules(join(own, 'src'))).toBe(false)
    writeFileSync(join(own, 'package.json'), '{}')
    expect(readsModules(join(own, 'src'))).toBe(false)
    writeFileSync(join(own, 'package.json'), '{ "type": "module" }')
    expect(readsModules(join(own, 'src'))).toBe(true)
  })
})

describe('match', () => {
  const path = file('match.mjs')
  writeFileSync(
    path,
    `export default {
      stores: { main: 'memory:' },
      timeseries: {
        views: { type: 'count', intervals: { day: { step: 'daily' } }, match: ['web.**', 'web'], map: (name, value) => (value > 9 ? null : [name.toUpperCase(), value * 2]) },
        wrong: { type: 'gauge', intervals: { day: { step: 'daily' } }, match: 'web.*', map: () => { throw new Error('oh') } },
      },
      aggregates: [['web', 'web.<page>']],
    }`,
  )

  it('shows where a name goes, with its aggregates', async () => {
    const { out } = await ask(`match web.home other --config ${path}`)
    expect(rowsIn(out)).toEqual([
      { name: 'web.home', timeseries: 'views', takes: ['value', 'count'], storedAs: 'WEB.HOME', storedValue: 2 },
      { name: 'web.home', timeseries: 'wrong', takes: ['value', 'gauge'], error: 'oh' },
      {
        name: 'web',
        aggregateOf: 'web.home',
        timeseries: 'views',
        takes: ['value', 'count'],
        storedAs: 'WEB',
        storedValue: 2,
      },
      { name: 'other' },
    ])
    expect((await ask(`match web --value 10 --config ${path}`)).out).not.toContain('storedAs')
    expect((await ask('match web')).err).toContain('--config')
  })
})

describe('bench', () => {
  it('shows rates and latencies of the generators', async () => {
    const path = file('bench.mjs')
    writeFileSync(
      path,
      `export default {
        stores: { main: 'sqlite:${file('bench.db')}' },
        timeseries: {
          views: { type: 'count', intervals: { day: { step: 'daily' } }, generator: () => ['home', 1], rolling: -1 },
          idle: { type: 'count', intervals: { day: { step: 'daily' } } },
        },
      }`,
    )
    const { code, out } = await ask(`bench --duration 0.2s --parallel 2 --config ${path}`)
    const row = JSON.parse(out)
    expect([code, row]).toEqual([
      0,
      expect.objectContaining({ timeseries: 'views', failed: 0, p50: expect.any(Number) }),
    ])
    const written = await ask(`series home --timeseries views --collapse --steps 2 --config ${path}`)
    expect(JSON.parse(written.out).value).toBe(2 * row.writes)
    await ask(`bench --duration 0.1s --clear --yes --config ${path}`)
    expect((await ask(`list --timeseries views --config ${path}`)).out).toBe('')
    expect((await ask(`bench --clear --config ${path}`)).err).toContain('--yes')
    expect((await ask(`bench --duration soon --config ${path}`)).err).toContain('--duration must be a span')
    expect((await ask('bench --store sqlite:x.db')).err).toContain('with a generator')
  })
})

describe('completion', () => {
  it('completes commands, flags and values in bash', async () => {
    const { out } = await kairos(['completion', 'bash'])
    const asked = async (...words: string[]): Promise<string> => {
      const given = words.map((word) => `'${word}'`).join(' ')
      const script = `${out}\nCOMP_WORDS=(kairos ${given}); COMP_CWORD=${words.length}; _kairos; echo "\${COMPREPLY[@]}"`
      return (await promisify(execFile)('bash', ['-c', script])).stdout.trim()
    }
    expect(await asked('ser')).toBe(
      'series serve'
        .split(' ')
        .filter((name) => out.includes(` ${name} `))
        .join(' '),
    )
    expect(await asked('series', '--max-g')).toBe('--max-gap')
    expect(await asked('series', 'home', '--format', 'c')).toBe('csv')
    expect(await asked('help', 'serv')).toBe('serve')
    expect(await asked('completion', 'z')).toBe('zsh')
  })

  it.each(['zsh', 'fish'])('has every command and flag in %s', async (shell) => {
    const { out } = await kairos(['completion', shell])
    expect(out).toContain('migrate')
    expect(out).toContain('dry-run')
    expect(out).toMatch(/bash zsh fish/)
    // Where the shell is installed, it must take the script.
    if (existsSync(`/usr/bin/${shell}`)) await promisify(execFile)(shell, ['-n', '-c', out])
  })

  it('knows three shells', async () => {
    expect(await kairos(['completion', 'tcsh'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('bash, zsh, fish'),
    })
  })
})
