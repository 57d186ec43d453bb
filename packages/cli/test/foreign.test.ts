import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTimeseries } from '@kairos/core'
import { createEventStore, kronosHandler } from '@kairos/events'
import { serveHttp } from '@kairos/events/node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Ran, typed } from './support/kairos.ts'

const folder = mkdtempSync(join(tmpdir(), 'kairos-cli-'))
const store = `sqlite:${join(folder, 'metrics.db')}`
const samples = join(import.meta.dirname, '..', '..', 'move', 'test', 'foreign')
const ask = (line: string): Promise<Ran> => typed(`kairos ${line}`, { env: { KAIROS_STORE: store } })

beforeAll(async () => {
  const intervals = { minute: { step: '1min' }, five: { step: '5min' }, hour: { step: '1h' } } as const
  for (const config of [
    { name: 'loads', type: 'gauge', intervals },
    { name: 'views', type: 'count', intervals: { hour: intervals.hour } },
  ]) {
    const timeseries = createTimeseries(store, config as never)
    await timeseries.open()
    await timeseries.close()
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

it('imports Whisper files, and says what was lost', async () => {
  const { code, out, err } = await ask(`import ${join(samples, 'whisper')} --whisper --timeseries loads`)
  expect([code, JSON.parse(out).stored > 0]).toEqual([0, true])
  expect(err).toMatch(/^lost \d+: /m)
  expect((await ask('list --timeseries loads')).out).toContain('"servers.a.load"')
})

it('imports what rrdtool dump wrote', async () => {
  const line = `import ${join(samples, 'rrd', 'router.xml')} --rrd --cf MAX --timeseries loads`
  expect((await ask(line)).err).toContain('--interval leaves it out')
  const { code, out } = await ask(`${line} --interval five,hour`)
  expect([code, JSON.parse(out).stored > 0]).toEqual([0, true])
})

it('imports events of a Kronos server, once', async () => {
  const old = createEventStore('memory:')
  await old.put('visits', [
    { '@time': '2024-02-29', page: '/' },
    { '@time': '2024-03-01', page: '/shop' },
  ])
  const server = await serveHttp(kronosHandler(old), { port: 0 })
  const line = `import ${server.url} --kronos --store sqlite:${join(folder, 'events.db')}`
  expect(await ask(`${line} --end 2024-02-29T12:00`)).toMatchObject({
    code: 0,
    err: '',
    out: '{"streams":1,"inserted":1,"duplicates":0}\n',
  })
  expect((await ask(`${line} --resume`)).out).toBe('{"streams":1,"inserted":1,"duplicates":1}\n')
  const events = createEventStore(`sqlite:${join(folder, 'events.db')}`)
  const pages: unknown[] = []
  for await (const { page } of events.get('visits')) pages.push(page)
  expect(pages).toEqual(['/', '/shop'])
  await events.close()
  await server.stop(0)
})

it.each([
  ['import --kronos --timeseries loads', 'the URL of one Kronos server'],
  ['import x --whisper --rrd --timeseries loads', 'only one of'],
  ['import --whisper --timeseries loads', 'one file, folder or URL'],
  ['import redis://localhost --redis-keys views --timeseries views', 'keys'],
])('%s is misuse', async (line, message) => {
  expect(await ask(line)).toMatchObject({ code: 2, err: expect.stringContaining(message) })
})
