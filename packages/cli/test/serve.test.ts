import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, expect, it } from 'vitest'
import { run } from '../src/index.ts'
import { BIN, typed } from './support/kairos.ts'

const folder = mkdtempSync(join(tmpdir(), 'kairos-cli-'))
const config = join(folder, 'kairos.config.mjs')
afterAll(() => rmSync(folder, { recursive: true }))

it('serve serves a configuration until it is interrupted', async () => {
  writeFileSync(
    config,
    `export default {
      stores: { main: 'memory:' },
      timeseries: { views: { type: 'count', intervals: { hour: { step: '1h' } } } },
      server: { port: 1 },
    }`,
  )
  const interruption = new AbortController()
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const ended = run(['serve', '--config', config, '--port', '0'], {
    stdout,
    stderr,
    env: {},
    signal: interruption.signal,
  })
  const [line] = (await stdout[Symbol.asyncIterator]().next()).value.toString().split('\n')
  const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line)!
  expect(await (await fetch(`${url}/health`)).text()).toBe('ok\n')
  interruption.abort()
  expect(await ended).toBe(0)
  await expect(fetch(`${url}/health`)).rejects.toThrow()
})

it('serve ends with Ctrl-C, and that is not a failure', async () => {
  const child = spawn(process.execPath, [
    '--conditions=@kairos/source',
    BIN,
    'serve',
    '--config',
    config,
    '--port',
    '0',
  ])
  await once(child.stdout, 'data')
  child.kill('SIGINT')
  expect(await once(child, 'exit')).toEqual([0, null])
})

it('serve refuses what is not a port', async () => {
  const { code, err } = await typed(`kairos serve --port 70000 --config ${config}`)
  expect([code, err]).toEqual([2, 'kairos: --port must be a port, 0 to 65535, not "70000"\n'])
})
