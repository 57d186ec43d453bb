import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Calling, type Ran, rowsIn, typed } from './kairos.ts'
import { deleteSamples, writeSamples } from './samples.ts'

/** What every store that holds the samples answers to the commands that read. */
export function describeReading(title: string, store: string): void {
  const ask = (line: string, calling: Calling = {}): Promise<Ran> =>
    typed(`kairos ${line}`, { ...calling, env: { KAIROS_STORE: store } })
  async function rows(line: string): Promise<unknown[]> {
    const { code, out, err } = await ask(line)
    expect([code, err]).toEqual([0, ''])
    return rowsIn(out)
  }

  describe(`reading ${title}`, () => {
    beforeAll(() => writeSamples(store))
    afterAll(() => deleteSamples(store))

    it('discovers what is there', async () => {
      const found = (await rows('discover')) as { timeseries: string; interval: string }[]
      expect(found.map(({ timeseries, interval }) => `${timeseries} ${interval}`)).toEqual([
        'unnamed:summary hour',
        'cities hour',
        'times hour',
        'views hour',
        'views day',
        'views hours',
      ])
      expect(found[4]).toMatchObject({
        ...{ type: 'count', step: 'daily', zone: 'Europe/Berlin', steps: null, names: 2 },
        ...{ first: '2024-02-27T23:00:00Z', last: '2024-02-28T23:00:00Z' },
      })
    })

    it('lists names, and shows since when they have data', async () => {
      expect(await rows('list --timeseries views')).toEqual([{ name: 'home' }, { name: 'shop' }])
      expect(await rows('list --timeseries views --after home')).toEqual([{ name: 'shop' }])
      expect(await rows('list --timeseries views --limit 1')).toEqual([{ name: 'home' }])
      const first = '2024-02-29T14:00:00+01:00'
      expect(await rows('properties shop --timeseries views')).toContainEqual({
        name: 'shop',
        interval: 'hour',
        first,
        last: first,
      })
    })

    it('gets the bucket of a moment, by the clocks of its interval', async () => {
      const day = { start: 1709074800, time: '2024-02-28T00:00:00+01:00' }
      expect(await rows('get home day --timeseries views --timestamp 2024-02-28T12:00')).toEqual([
        { ...day, value: 66 },
      ])
      // 23:30 in New York is the next day in Berlin.
      const later = await rows('get home day --timeseries views --timestamp 2024-02-27T23:30 --zone America/New_York')
      expect(later).toEqual([{ start: 1709074800, time: '2024-02-27T18:00:00-05:00', value: 66 }])
    })

    it('digests an interval of the timeseries that have it', async () => {
      expect(await rows('digest --interval day')).toEqual([
        { timeseries: 'views', cells: 3, digest: expect.stringMatching(/^[0-9a-f]{32}$/) },
      ])
    })

    it('reads names that begin with a text, and all', async () => {
      const at = '--timeseries views --timestamp 2024-02-29T14:10'
      const values = async (line: string): Promise<unknown[]> =>
        (await rows(`get ${line} ${at}`)).map((row) => (row as { value: unknown }).value)
      expect(await values('hour --all')).toEqual([12])
      expect(await values('--prefix ho --interval hour')).toEqual([7])
      expect(await values('hour --all --split')).toEqual([7, 5])
      expect(await rows('properties --prefix sh --timeseries views')).toHaveLength(3)
      const collapsed = '--timeseries views --start 2024-02-29 --steps 1 --collapse'
      expect(await rows(`series day --all ${collapsed}`)).toMatchObject([{ value: 16 }])
      expect(await rows('query --all --start 2024-02-29T13:00 --end 2024-02-29T14:00 --timeseries views')).not.toEqual(
        [],
      )
      const none = await ask(`get hour --prefix x ${at}`)
      expect([none.code, none.err]).toEqual([
        1,
        expect.stringContaining('views has no data of a name that begins with "x"'),
      ])
      const many = await ask(`get hour --all --max-names 1 ${at}`)
      expect([many.code, many.err]).toEqual([2, expect.stringContaining('there are more than 1 such names in views')])
    })

    it('shows ranges: joined, split, in other steps, filled, collapsed, with a resolution', async () => {
      const range = '--timeseries views --start 2024-02-29T13:00 --end 2024-02-29T15:00'
      const values = async (line: string): Promise<unknown[]> =>
        (await rows(`series ${line}`)).map((row) => (row as { value: unknown }).value)
      expect(await values(`home shop hour ${range}`)).toEqual([0, 12, 0])
      expect(await rows(`series home shop hour --split ${range} --fill none`)).toEqual([
        { name: 'home', start: 1709211600, time: '2024-02-29T14:00:00+01:00', value: 7 },
        { name: 'shop', start: 1709211600, time: '2024-02-29T14:00:00+01:00', value: 5 },
      ])
      expect(await values(`home hour ${range} --every 2h`)).toEqual([0, 7])
      expect(await values(`home hour ${range} --fill previous`)).toEqual([4, 7, 7])
      expect(await values(`home hour ${range} --collapse`)).toEqual([7])
      // All up to now, though the interval keeps no certain number of buckets.
      expect((await values('home day --timeseries views --start 2024-02-28')).length).toBeGreaterThan(900)
      expect(await values('home day --timeseries views --start 2024-02-28 --steps 2')).toEqual([66, 11])
      const best = await rows(
        `series home hour --timeseries views --start 2024-02-28T10:00Z --end 2024-02-28T20:00Z --highest 2`,
      )
      expect(best).toEqual([
        { start: 1709128800, time: '2024-02-28T15:00:00+01:00', value: 5 },
        { start: 1709146800, time: '2024-02-28T20:00:00+01:00', value: 5 },
      ])
      const nested = await rows('series home hours --timeseries views --start 2024-02-29 --end 2024-02-29')
      expect(nested.slice(-1)).toEqual([
        { start: 1709161200, resolutionStart: 1709211600, time: '2024-02-29T14:00:00+01:00', value: 7 },
      ])
      expect(await values('home hours --condense --timeseries views --start 2024-02-29 --end 2024-02-29')).toEqual([11])
    })

    it('iterates, queries and ranks', async () => {
      expect(await rows('iterate home day --timeseries views')).toEqual([
        { start: 1709074800, time: '2024-02-28T00:00:00+01:00', value: 66 },
        { start: 1709161200, time: '2024-02-29T00:00:00+01:00', value: 11 },
      ])
      const query =
        'query home --timeseries views --start 2024-02-28 --end 2024-02-28T23:00 --max-points 2 --zone Europe/Berlin'
      const points = (await rows(query)) as { value: number; every: string }[]
      expect(points.map(({ value, every }) => [value, every])).toEqual([
        [31, '12h'],
        [35, '12h'],
      ])
      const explained = await ask(`${query} --explain`)
      expect(explained.err).toMatch(/12h/)
      expect(await rows('top --interval day --timeseries views --start 2024-02-29 --end 2024-02-29')).toEqual([
        { name: 'home', value: 11 },
        { name: 'shop', value: 5 },
      ])
    })

    it('transforms, and shows what a type keeps', async () => {
      const at = '--timestamp 2024-02-29T13:10Z'
      const time = { start: 1709211600, time: '2024-02-29T13:00:00Z' }
      expect(await rows(`get home --timeseries cities ${at}`)).toEqual([
        {
          ...time,
          value: [
            ['Berlin', 2],
            ['Paris', 1],
          ],
        },
      ])
      expect(await rows(`get home --timeseries cities ${at} --transform top:1,share:=Paris,count`)).toEqual([
        { ...time, 'top:1': [['Berlin', 2]], 'share:=Paris': 1 / 3, count: 3 },
      ])
      expect(await rows(`get cpu --timeseries unnamed:summary ${at}`)).toEqual([
        { ...time, count: 2, sum: 1.2, mean: 0.6, min: 0.5, max: 0.7, last: 0.7 },
      ])
      const [times] = (await rows(`get checkout --timeseries times ${at}`)) as [{ count: number; p50: number }]
      expect([times.count, Math.abs(times.p50 - 3) < 0.06]).toEqual([5, true])
    })
  })
}
