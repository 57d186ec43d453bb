import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Ran, typed } from './support/kairos.ts'
import { writeSamples } from './support/samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'kairos-cli-'))
const store = `sqlite:${join(folder, 'metrics.db')}`
const config = join(folder, 'kairos.config.mjs')
const ask = (line: string, env = {}): Promise<Ran> => typed(`kairos ${line} --config ${config}`, { env })

describe('with a configuration', () => {
  beforeAll(async () => {
    await writeSamples(store)
    writeFileSync(
      config,
      `const day = { step: 'daily', zone: 'Europe/Berlin' }
      export default {
        stores: { live: '${store}', other: 'memory:' },
        timeseries: {
          views: { type: 'count', intervals: { hour: { step: '1h' }, day, hours: { ...day, resolution: '1h' } }, match: 'web.*' },
          cities: { type: 'histogram', valueType: 'string', intervals: { hour: { step: '1h' } } },
          empty: { store: 'other', type: 'count', intervals: { hour: { step: '1h' } } },
        },
        transforms: { size: (data) => [...data.values()].reduce((sum, times) => sum + times, 0) },
        macros: { shouted: { processRow: (row) => new Map([...row].map(([city, times]) => [city.toUpperCase(), times])) } },
      }`,
    )
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('opens its timeseries, at its stores', async () => {
    const at = '--timestamp 2024-02-29T13:00Z'
    // The URL of the environment is for calls without a configuration.
    const { out } = await ask(`get home day --timeseries views ${at}`, { KAIROS_STORE: 'redis://nowhere.invalid' })
    expect(JSON.parse(out)).toMatchObject({ value: 11 })
    expect((await ask('list --store other')).code).toBe(0)
    expect((await ask('list')).err).toContain('--timeseries views, cities, empty')
    expect((await ask('list --store archive')).err).toContain(
      '--store must be a store of the configuration (live, other), not "archive"',
    )
    // At another place: a new file, for a copy.
    const copy = `sqlite:${join(folder, 'copy.db')}`
    expect(await ask(`insert home --timeseries views --store ${copy} --timestamp 2024-02-29`)).toMatchObject({
      code: 0,
    })
    expect(JSON.parse((await ask(`get home day --timeseries views ${at} --store ${copy}`)).out)).toMatchObject({
      value: 1,
    })
    expect((await ask('list --store live')).err).toContain('--timeseries views, cities\n')
    // What only reads makes no file.
    const none = join(folder, 'none.db')
    const missing = await ask(`list --timeseries views --store sqlite:${none}`)
    expect([missing.code, missing.err, existsSync(none)]).toEqual([
      2,
      expect.stringContaining('there is no file'),
      false,
    ])
  })

  it('names transforms and macros', async () => {
    const at = '--timeseries cities --timestamp 2024-02-29T13:00Z'
    expect(JSON.parse((await ask(`get home ${at} --transform size`)).out)).toMatchObject({ size: 3 })
    expect(JSON.parse((await ask(`get home ${at} --macro shouted`)).out).value).toEqual([
      ['BERLIN', 2],
      ['PARIS', 1],
    ])
    expect((await ask(`get home ${at} --macro quiet`)).err).toContain(
      'a macro of the configuration (shouted), not "quiet"',
    )
    expect(JSON.parse((await ask(`top ${at.replace('--timestamp', '--start')} --by size`)).out)).toEqual({
      name: 'home',
      value: 3,
    })
  })

  it('is named where it is wrong', async () => {
    const { code, err } = await typed(`kairos list --config ${join(folder, 'none.json')}`)
    expect([code, err]).toEqual([2, expect.stringContaining('none.json: there is no such file')])
  })
})
