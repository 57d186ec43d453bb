import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeMigrating } from './support/describe-migrating.ts'
import { type Calling, type Ran, typed } from './support/kairos.ts'
import { writeSamples } from './support/samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'kairos-cli-'))
const path = (name: string): string => join(folder, name)
const source = `sqlite:${path('source.db')}`
const ask = (line: string, calling: Calling = {}): Promise<Ran> => typed(`kairos migrate ${line}`, calling)

beforeAll(() => writeSamples(source))
afterAll(() => rmSync(folder, { recursive: true }))

describeMigrating('SQLite', `sqlite:${path('target.db')}`)

describe('migrate', () => {
  it('goes on where it was interrupted', async () => {
    const line = `--from ${source} --to sqlite:${path('resumed.db')} --timeseries views --state ${path('move.state')}`
    const stopped = await ask(line, { signal: AbortSignal.abort() })
    expect([stopped.code, stopped.err]).toEqual([130, expect.stringContaining('kairos: interrupted')])
    expect((await ask(`${line} --resume`)).out).toContain('"cells":55')
    expect(existsSync(path('move.state'))).toBe(true)
    expect((await ask(line)).err).toContain('--resume goes on with it')
    expect((await ask(`--from ${source} --to sqlite:${path('x.db')} --resume`)).err).toContain('--state')
  })

  it('says what is not carried, to what a configuration says', async () => {
    const config = path('kairos.config.json')
    writeFileSync(
      config,
      JSON.stringify({
        stores: { fresh: `sqlite:${path('fresh.db')}` },
        timeseries: { views: { type: 'count', intervals: { day: { step: 'daily', zone: 'Europe/Berlin' } } } },
      }),
    )
    const { code, out, err } = await ask(`--from ${source} --to fresh --timeseries views --config ${config}`)
    expect([code, out]).toEqual([0, expect.stringContaining('"names":2,"cells":3')])
    expect(err).toMatch(/^views: .*hour/)
    const all = await ask(`--from ${source} --to fresh --config ${config} --dry-run`)
    expect(all.out.match(/"timeseries":"\w+"/g)).toEqual(['"timeseries":"views"'])
    expect((await ask(`--from ${source} --to fresh --config ${config} --timeseries times`)).code).toBe(2)
  })

  it('reads what Python kairos has written', async () => {
    const database = new DatabaseSync(path('python.db'))
    database.exec(`CREATE TABLE count (name TEXT, interval TEXT, i_time INTEGER, r_time INTEGER, count INTEGER);
      INSERT INTO count VALUES ('home', 'week', 201707, NULL, 5), ('home', 'week', 12345678, NULL, 1)`)
    database.close()
    const config = path('python.json')
    writeFileSync(
      config,
      JSON.stringify({ timeseries: { views: { type: 'count', intervals: { week: { step: 'weekly' } } } } }),
    )
    const { code, out, err } = await ask(
      `--from kairos-py+sqlite:${path('python.db')} --to sqlite:${path('moved.db')} --config ${config}`,
    )
    expect([code, out]).toEqual([0, expect.stringContaining('"timeseries":"views","names":1,"cells":1')])
    expect(err).toMatch(/views: lost 1: /)
    const { out: row } = await typed(`kairos get home --timestamp 2017-02-12 --store sqlite:${path('moved.db')}`)
    expect(JSON.parse(row)).toMatchObject({ start: 1486857600, value: 5 })
    expect((await ask(`--from kairos-py+sqlite:${path('python.db')} --to ${source}`)).err).toContain('--config')
  })

  it.each([
    [`--to ${source}`, '--from must be given'],
    [`--from ${source} --to ${source}`, 'must be two stores'],
    [`--from ${source} --to other`, '--to must be'],
    [`--from ${source} --to sqlite:${path('x.db')} --match (`, '--match must be a regular expression'],
  ])('%s is misuse', async (line, message) => {
    expect(await ask(line)).toMatchObject({ code: 2, err: expect.stringContaining(message) })
  })
})
