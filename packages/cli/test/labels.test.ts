import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTimeseries } from '@kairos/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Ran, rowsIn, typed } from './support/kairos.ts'

const folder = mkdtempSync(join(tmpdir(), 'kairos-cli-'))
const store = `sqlite:${join(folder, 'metrics.db')}`
const ask = (line: string): Promise<Ran> => typed(`kairos ${line}`, { env: { KAIROS_STORE: store } })

interface Valued {
  readonly name?: string
  readonly group?: string
  readonly value: unknown
}

beforeAll(async () => {
  const requests = createTimeseries(store, { name: 'requests', type: 'count', intervals: { hour: { step: '1h' } } })
  const points = [
    ['requests;route=/a;status=200', 90],
    ['requests;route=/a;status=503', 2],
    ['requests;route=/b;status=500', 1],
    ['requests;route=/c;status=404', 7],
  ] as const
  await requests.bulkInsert(points.map(([name, value]) => ({ name, value, timestamp: 3600 })))
  await requests.close()
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('names by their labels', () => {
  async function values(line: string): Promise<unknown[]> {
    const { code, out, err } = await ask(line)
    expect([code, err]).toEqual([0, ''])
    return rowsIn<Valued>(out).map(({ name, group, value }) =>
      name === undefined && group === undefined ? value : [name ?? group, value],
    )
  }

  it.each([
    ['status=500', [1]],
    ['status~^5', [3]],
    ['status!=200', [10]],
    ['status!~^[25]', [7]],
    ['route=/a,/b', [93]],
  ])('%s', async (where, expected) => {
    expect(await values(`get requests --where ${where} --timestamp 3600`)).toEqual(expected)
  })

  it('are joined by labels, split, ranked and drawn', async () => {
    expect(await values('series requests --where status~. --group-by route --start 3600 --steps 1')).toEqual([
      ['/a', 92],
      ['/b', 1],
      ['/c', 7],
    ])
    expect(await values('query requests --where route=/b --where status=500 --split --start 3600 --end 3600')).toEqual([
      ['requests;route=/b;status=500', 1],
    ])
    expect(await values('iterate requests --where route=/a')).toEqual([92])
    expect(await values('top --names requests --where status!~^2 --limit 1 --start 3600 --end 3600')).toEqual([
      ['requests;route=/c;status=404', 7],
    ])
    const plot = await ask(
      'plot requests --where status~. --group-by route --kind bar --start 3600 --end 3600 --width 40',
    )
    expect(plot.out).toMatch(/\/a █+ 92\n +\/b ▏ 1\n +\/c █▎ 7\n/)
  })

  it.each([
    ['get requests --where status', '--where must be a label and its value'],
    ['get requests --where status~(', '--where must have a regular expression'],
    ['get requests --where status=1 --where status=2', 'once for each label'],
    ['get requests --where status=1 --split --group-by route', 'only one of --split and --group-by'],
    ['top --where status=1', '--where must be used with --names'],
    ['plot requests --where status=1', '--start must be given with --where'],
    ['get requests --where status~. --max-names 1', '1'],
  ])('%s is misuse', async (line, message) => {
    expect(await ask(line)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(message) })
  })
})
