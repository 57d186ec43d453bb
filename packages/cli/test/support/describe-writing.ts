import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import type { DeadRow } from '@kairos/move'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Calling, type Ran, rowsIn, typed } from './kairos.ts'
import { deleteSamples, writeSamples } from './samples.ts'

/** What commands that write do to a store with the samples. */
export function describeWriting(title: string, store: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'kairos-cli-'))
  const env = { KAIROS_STORE: store }
  const file = (name: string): string => join(folder, name)
  const ask = (line: string, calling: Calling = {}): Promise<Ran> => typed(`kairos ${line}`, { env, ...calling })
  async function rows(line: string, calling: Calling = {}): Promise<unknown[]> {
    const { code, out, err } = await ask(line, calling)
    expect([code, err]).toEqual([0, ''])
    return rowsIn(out)
  }
  async function value(name: string, at: string, timeseries = 'views'): Promise<unknown> {
    const [row] = await rows(`get ${name} hour --timeseries ${timeseries} --timestamp ${at}`)
    return (row as { value: unknown } | undefined)?.value
  }

  describe(`writing ${title}`, () => {
    beforeAll(() => writeSamples(store))
    afterAll(async () => {
      await deleteSamples(store)
      rmSync(folder, { recursive: true })
    })

    it('inserts values, text as the valueType wants them', async () => {
      const at = '--timestamp 2024-03-01T10:00Z'
      expect(await rows(`insert new 2 0.5 --timeseries views ${at}`)).toEqual([{ stored: 6, expired: 0 }])
      expect(await rows(`insert new --timeseries views ${at} --returning hour`)).toEqual([
        { stored: 3, expired: 0, value: 3.5 },
      ])
      expect(await value('new', '2024-03-01T10:00Z')).toBe(3.5)
      await rows(`insert new 7 --timeseries cities ${at} --times 3`)
      expect(await value('new', '2024-03-01T10:00Z', 'cities')).toEqual([['7', 3]])
      const refused = await ask('insert new much --timeseries views')
      expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('not "much"')])
    })

    it('exports what import --cells reads back, with the same digest', async () => {
      const digest = (await rows('digest --timeseries views')) as [{ digest: string; cells: number }]
      expect(digest[0]).toMatchObject({ timeseries: 'views', digest: expect.stringMatching(/^[0-9a-f]{32}$/) })
      for (const format of ['ndjson', 'csv', 'json']) {
        await rows(`export --timeseries views --output ${file(`views.${format}`)}`)
        expect(await rows('delete --all --yes --timeseries views').catch(() => [])).toEqual([])
        expect(await rows('list --timeseries views')).toEqual([])
        const [sums] = await rows(`import --cells ${file(`views.${format}`)} --timeseries views`)
        expect(sums).toEqual({ rows: digest[0].cells, dead: 0, stored: digest[0].cells, expired: 0 })
        expect(await rows('digest --timeseries views')).toEqual(digest)
      }
      const unmarked = await ask(`import ${file('views.ndjson')} --timeseries views`)
      expect([unmarked.code, unmarked.err]).toEqual([
        1,
        expect.stringMatching(/; --dead-letter keeps what does not fit; --cells reads what export wrote/),
      ])
      const csv = await ask('export --timeseries views --interval day --names shop --format csv --columns name,value')
      expect(csv).toEqual({ code: 0, out: 'name,value\nshop,5\n', err: '' })
      expect((await rows('digest --each --interval hour --timeseries cities'))[0]).toMatchObject({ interval: 'hour' })
    })

    it('imports points of files and of standard input, and keeps what does not fit', async () => {
      const text = 'path;hits;at\nimported;3;1709287200000\nimported;many;1709287200000\nimported;4;soon\n'
      writeFileSync(file('hits.csv'), text)
      const form = '--delimiter ; --unit ms --columns name=path,value=hits,timestamp=at --timeseries views'
      const first = await ask(`import ${file('hits.csv')} ${form}`)
      expect([first.code, first.err]).toEqual([
        1,
        expect.stringMatching(/row 2: .*"many".*: continue with --skip 1, and --dead-letter for/),
      ])
      const line = `import ${file('hits.csv')} ${form} --dead-letter ${file('dead.ndjson')}`
      expect(await ask(line)).toMatchObject({
        code: 0,
        out: '{"rows":1,"dead":2,"stored":3,"expired":0}\n',
        err: `2 rows did not fit: see ${file('dead.ndjson')}\n`,
      })
      expect(await value('imported', '2024-03-01T10:00Z')).toBe(6)
      const dead = rowsIn<DeadRow>(readFileSync(file('dead.ndjson'), 'utf8'))
      expect(dead.sort((one, other) => one.row - other.row)).toMatchObject([
        { row: 2, raw: 'imported;many;1709287200000', reason: expect.stringContaining('many') },
        { row: 3, reason: expect.stringContaining('soon') },
      ])
      const input = '{"name":"piped","value":2,"timestamp":"2024-03-01T10:00:00Z"}\n'
      expect(await rows('import --timeseries views', { input })).toMatchObject([{ rows: 1 }])
      expect(await value('piped', '2024-03-01T10:00Z')).toBe(2)
    })

    it('stops between two batches, and continues where it stopped', async () => {
      const lines = Array.from({ length: 6_000 }, () => '{"name":"many","timestamp":1709287200}\n')
      const interruption = new AbortController()
      const endless = Readable.from(
        (async function* () {
          yield Buffer.from(lines.join(''))
          while ((await value('many', '2024-03-01T10:00Z')) !== 5_000) await setTimeout(5)
          interruption.abort()
          await new Promise(() => {})
        })(),
      )
      const stopped = await ask('import --timeseries views', { input: endless, signal: interruption.signal })
      expect([stopped.code, stopped.err]).toEqual([
        130,
        'kairos: interrupted; 5000 rows of the input are imported: continue with --skip 5000\n',
      ])
      expect(await value('many', '2024-03-01T10:00Z')).toBe(5_000)
      await rows('import --timeseries views --skip 5000', { input: lines.join('') })
      expect(await value('many', '2024-03-01T10:00Z')).toBe(6_000)
    })

    it('deletes only what it should, and not without a yes', async () => {
      expect(await ask('delete home --timeseries views')).toMatchObject({
        code: 2,
        err: expect.stringContaining('--yes'),
      })
      expect(await ask('delete --timeseries views')).toMatchObject({
        code: 2,
        err: expect.stringContaining('--prefix'),
      })
      const range = '--interval hour --start 2024-02-28T00:00Z --end 2024-02-28T23:00Z'
      expect(await ask(`delete home ${range} --timeseries views --yes`)).toMatchObject({ code: 0 })
      expect(await rows('properties home --timeseries views')).toContainEqual({
        ...{ name: 'home', interval: 'hour' },
        ...{ first: '2024-02-29T14:00:00+01:00', last: '2024-02-29T14:00:00+01:00' },
      })
      // The other intervals keep theirs.
      expect((await rows('properties home --timeseries views'))[1]).toMatchObject({
        ...{ interval: 'day', first: '2024-02-28T00:00:00+01:00' },
      })
      // What is not there is not said to be deleted.
      const said = async (line: string): Promise<string> => (await ask(`delete ${line} --timeseries views --yes`)).err
      expect(await said(`home ${range}`)).toContain('nothing was deleted: views has no such data')
      expect(await said('hom')).toContain('nothing was deleted: views has no such data')
      expect(await said('--prefix hom:')).toContain('nothing was deleted')
      expect(await said('hom shop')).toBe('deleted shop\nthere was nothing to delete for hom\n')
      expect(await said('--prefix ne')).toBe('deleted new\n')
      expect(await rows('list --timeseries views --prefix sho')).toEqual([])
    })

    it('rebuilds an interval, and expires what is old', async () => {
      await ask('insert again 4 --timeseries views --timestamp 2024-03-02T10:00Z')
      await ask('delete again --interval day --yes --timeseries views')
      expect(await rows('rebuild day hours --names again --timeseries views')).toEqual([
        { stored: 1, incomplete: 0, first: '2024-03-02T00:00:00+01:00', last: '2024-03-02T00:00:00+01:00' },
      ])
      const unknown = await ask('rebuild week hours --timeseries views')
      expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('one of views (hour, day, hours)')])
      expect(await rows('expire --timeseries views')).toEqual([{ expired: 0 }])
    })
  })
}
