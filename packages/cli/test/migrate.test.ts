import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createTimeseries } from '@kairos/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeMigrating } from './support/describe-migrating.ts'
import { BIN, type Calling, isLong, type Ran, typed } from './support/kairos.ts'
import { writeSamples } from './support/samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'kairos-cli-'))
const path = (name: string): string => join(folder, name)
const source = `sqlite:${path('source.db')}`
const ask = (line: string, calling: Calling = {}): Promise<Ran> => typed(`kairos migrate ${line}`, calling)

beforeAll(() => writeSamples(source))
afterAll(() => rmSync(folder, { recursive: true }))

describeMigrating('SQLite', `sqlite:${path('target.db')}`)

describe('migrate', () => {
  it('continues where it was interrupted', async () => {
    const line = `--from ${source} --to sqlite:${path('resumed.db')} --timeseries views --state ${path('move.state')}`
    const stopped = await ask(line, { signal: AbortSignal.abort() })
    expect([stopped.code, stopped.err]).toEqual([130, expect.stringContaining('kairos: interrupted')])
    expect((await ask(`${line} --resume`)).out).toContain('"cells":55')
    expect(existsSync(path('move.state'))).toBe(true)
    // What is done is not done again.
    expect(await ask(`${line} --resume`)).toMatchObject({ code: 0, err: '' })
    expect((await ask(line)).err).toContain('--resume continues with it')
    expect((await ask(`--from ${source} --to sqlite:${path('x.db')} --resume`)).err).toContain('--state')
  })

  it('fails with --verify where the copy differs', async () => {
    const target = `sqlite:${path('differing.db')}`
    const line = `--from ${source} --to ${target} --timeseries views`
    expect((await ask(line)).code).toBe(0)
    await typed(`kairos insert home --timeseries views --timestamp 2024-01-01 --store ${target}`)
    const { code, out, err } = await ask(`${line} --verify`)
    expect([code, out, err]).toEqual([1, '', expect.stringContaining('the copies of views differ from their sources')])
  })

  if (isLong) {
    it('continues after each SIGKILL', async () => {
      const views = createTimeseries(`sqlite:${path('large.db')}`, {
        name: 'views',
        type: 'count',
        intervals: { minute: { step: 60 } },
      })
      const points = Array.from({ length: 60_000 }, (_, index) => ({
        name: `n${index % 1_500}`,
        timestamp: index * 60,
      }))
      await views.bulkInsert(points)
      await views.close()
      const [from, to] = [`sqlite:${path('large.db')}`, `sqlite:${path('killed.db')}`]
      const words = [
        'migrate',
        '--from',
        from,
        '--to',
        to,
        '--state',
        path('killed.state'),
        '--resume',
        '--parallel',
        '1',
      ]
      let kills = 0
      for (let time = 0; time < 10; time++) {
        const child = spawn(process.execPath, ['--conditions=@kairos/source', BIN, ...words])
        const timer = setTimeout(() => child.kill('SIGKILL'), 300 + Math.random() * 700)
        const [, signal] = await once(child, 'exit')
        clearTimeout(timer)
        if (signal === 'SIGKILL') kills++
      }
      expect(kills).toBeGreaterThan(0)
      expect((await ask(`${words.slice(1).join(' ')} --verify`)).code).toBe(0)
      const digest = async (store: string): Promise<string> => (await typed(`kairos digest --store ${store}`)).out
      expect(await digest(to)).toBe(await digest(from))
    })
  }

  it('says what is not carried over, to what a configuration says', async () => {
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
    const rebuilt = await ask(`--from ${source} --to fresh --config ${config} --sources day=hour --dry-run`)
    expect(rebuilt.out).toContain('"interval":"day","from":"hour","how":"rebuilt"')
    expect((await ask(`--from ${source} --to fresh --config ${config} --sources day`)).err).toContain(
      '--sources must be',
    )
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
