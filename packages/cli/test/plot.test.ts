import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stdin } from 'node:process'
import { PassThrough } from 'node:stream'
import { createTimeseries } from '@kairos/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../src/index.ts'
import { draw } from '../src/plotting/draw.ts'
import { svgOf } from '../src/plotting/svg.ts'
import { timeTicks } from '../src/plotting/time-ticks.ts'
import { createTerminal } from '../src/terminal/terminal.ts'
import { type Calling, type Ran, typed } from './support/kairos.ts'
import { writeSamples } from './support/samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'kairos-cli-'))
const store = `sqlite:${join(folder, 'metrics.db')}`
const ask = (line: string, calling: Calling = {}): Promise<Ran> =>
  typed(`kairos plot ${line}`, { env: { KAIROS_STORE: store, NO_COLOR: '1' }, ...calling })

beforeAll(async () => {
  await writeSamples(store)
  const gauges = createTimeseries(store, { name: 'gauges', type: 'gauge', intervals: { hour: { step: '1h' } } })
  for (const hour of [0, 1, 2, 5, 6]) await gauges.insert('fan', hour, { timestamp: hour * 3600 })
  for (const hour of [0, 3, 6]) await gauges.insert('pump', 6 - hour, { timestamp: hour * 3600 })
  await gauges.close()
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('plot', () => {
  it('draws a line over an axis of time, with gaps where there is no data', async () => {
    const { code, out, err } = await ask(
      'fan --timeseries gauges --interval hour --start 0 --end 21600 --width 24 --height 5',
    )
    expect([code, err]).toEqual([0, ''])
    expect(out).toBe(`fan: gauges, by hour, UTC
6 ┤                 ⣀⠤⠒⠉
4 ┤
  │
2 ┤    ⢀⡠⠔⠂
0 ┤⣀⠤⠒⠉⠁
  └┬───────────────────┬
   01-01           06:00
`)
  })

  it('draws several names with a legend, whose marks differ without colours', async () => {
    const range = '--interval hour --start 0 --end 21600 --width 40 --height 5'
    const plain = await ask(`fan pump --timeseries gauges ${range}`)
    expect(plain.out).toMatch(/\+.*\n/)
    expect(plain.out.trimEnd().split('\n').at(-1)).toBe('● fan   + pump')
    const coloured = await ask(`fan pump --timeseries gauges ${range}`, {
      terminal: true,
      env: { KAIROS_STORE: store },
    })
    expect(coloured.out).toContain('\u001b[36m━━\u001b[39m fan   \u001b[33m━━\u001b[39m pump')
    expect((await ask(`fan pump --join --timeseries gauges ${range}`)).out).not.toContain('pump\n')
  })

  it('draws bars by the clocks of the zone', async () => {
    const { out } = await ask('home --kind bar --timeseries views --interval day --width 40')
    expect(out).toBe(`home: views, by day, Europe/Berlin
2024-02-28 ██████████████████████████ 66
2024-02-29 ████▍ 11
`)
  })

  it('draws sparklines', async () => {
    const { out } = await ask(
      'home shop --kind spark --timeseries views --interval hour --every 6h --start 2024-02-28 --end 2024-02-29',
    )
    expect(out).toMatch(/home ▇▇██▁ 4 18 4\nshop ▁▁▁▁▁ 0 0 0\n/)
  })

  it('draws histograms and distributions as heat', async () => {
    const cities = await ask('home --timeseries cities --width 30')
    expect(cities.out).toMatch(/^Berlin │█+\n Paris │▒+\n/m)
    const times = await ask('checkout --timeseries times --width 30 --height 4')
    expect(times.out.split('\n').filter((line) => line.includes('│'))).toHaveLength(4)
    expect((await ask('home --timeseries views --kind heat')).err).toContain('must be of a histogram or a distribution')
  })

  it('says where there is nothing to draw', async () => {
    expect(await ask('nothing --timeseries views')).toMatchObject({
      code: 0,
      out: '',
      err: expect.stringContaining('no data of nothing'),
    })
    expect((await ask('home --timeseries cities --kind line --transform top:1')).err).toContain('use a --transform')
  })

  it.each([
    [
      'home shop --timeseries views --kind line',
      /<path d="M[\d.,L-]+Z?" fill="none" stroke="#0072b2"[\s\S]*<text [^>]*>shop<\/text>/,
    ],
    ['home --timeseries views --kind bar --interval day', /<g fill="#0072b2"><rect/],
    ['home --timeseries cities', /fill-opacity="1"[\s\S]*<text[^>]*>Paris<\/text>/],
  ])('writes an SVG of %s', async (line, expected) => {
    const file = join(folder, 'plot.svg')
    expect(await ask(`${line} --svg ${file}`)).toEqual({ code: 0, out: '', err: '' })
    const svg = readFileSync(file, 'utf8')
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/)
    expect(svg).toMatch(expected)
    expect(svg).not.toContain('NaN')
  })

  it.each([
    ['bar', 150_000],
    ['spark', 2],
    ['heat', 4],
  ] as const)('draws any number of buckets: %s', (kind, height) => {
    const starts = Array.from({ length: 150_000 }, (_, index) => index * 60)
    const content =
      kind === 'heat'
        ? { kind, heat: { starts, rows: [{ label: 'a', times: starts.map((start) => start % 7) }] } }
        : { kind, lines: [{ label: 'a', points: starts.map((start) => [start, start % 7] as const) }] }
    const picture = { title: 'many', zone: 'UTC', ...content }
    const terminal = createTerminal({ stdin, stdout: new PassThrough(), stderr: new PassThrough() }, {})
    expect(draw(picture, { columns: 80, rows: 10 }, terminal).length).toBe(height)
    expect(svgOf(picture).endsWith('</svg>\n')).toBe(true)
  })

  it('draws again until it is interrupted', async () => {
    const interruption = new AbortController()
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    let drawn = ''
    stdout.on('data', (piece) => {
      drawn += piece
      if (drawn.match(/home: views/g)?.length === 2) interruption.abort()
    })
    const words = ['plot', 'home', '--timeseries', 'views', '--watch', '0.05s', '--store', store]
    expect(await run(words, { stdout, stderr, env: {}, signal: interruption.signal })).toBe(130)
    expect(stderr.read().toString()).toBe('kairos: interrupted\n')
  })
})

describe('the axis of time', () => {
  const at = (iso: string): number => Date.parse(iso) / 1000
  it.each([
    ['2024-02-29T10:00Z', '2024-02-29T11:00Z', 'UTC', '10:00 10:15 10:30 10:45 11:00'],
    ['2024-03-30T12:00Z', '2024-03-31T12:00Z', 'Europe/Berlin', '18:00 03-31 07:00 13:00'],
    ['2024-02-27T00:00Z', '2024-03-02T00:00Z', 'UTC', '02-27 02-28 02-29 03-01 03-02'],
    ['2023-11-15T00:00Z', '2024-10-02T00:00Z', 'UTC', '2024-01 2024-04 2024-07 2024-10'],
    ['2014-06-01T00:00Z', '2024-06-01T00:00Z', 'UTC', '2015 2020'],
  ])('from %s to %s in %s', (first, last, zone, labels) => {
    expect(
      timeTicks(at(first), at(last), zone, 5)
        .map(({ label }) => label)
        .join(' '),
    ).toBe(labels)
  })
})
