import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRegistry } from '../src/timeseries/registry.ts'

const FIXTURE = fileURLToPath(new URL('fixtures/serve.ts', import.meta.url))
const long = process.env.KAIROS_TEST_SIZE === 'long'
const count = { type: 'count', intervals: { hour: { step: '1h' } } } as const
const NOW = Math.floor(Date.now() / 1_000)

/** A served configuration. */
interface Served {
  readonly child: ChildProcess
  readonly url: string
  readonly ports: { readonly carbon: number }
  /** Resolves when it has said so. */
  said(text: string): Promise<void>
}

describe('a process that serves', () => {
  let folder: string
  let file: string
  const children: ChildProcess[] = []
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kairos-serve-'))
    file = join(folder, 'kairos.config.json')
  })
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    rmSync(folder, { recursive: true })
  })

  function configure(timeseries: object, server = {}): void {
    const stores = { main: `sqlite:${join(folder, 'data.db')}` }
    const ports = { port: 0, carbon: { port: 0, picklePort: false } }
    writeFileSync(file, JSON.stringify({ stores, timeseries, server: { ...ports, ...server } }))
  }

  async function start(): Promise<Served> {
    const child = spawn(process.execPath, ['--conditions=@kairos/source', FIXTURE, file], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.push(child)
    let [out, errors] = ['', '']
    child.stderr!.on('data', (text) => (errors += text))
    child.stdout!.on('data', (text) => (out += text))
    while (!out.includes('\n')) {
      await Promise.race([once(child.stdout!, 'data'), once(child, 'exit')])
      if (child.exitCode !== null) throw new Error(errors)
    }
    const said = async (text: string): Promise<void> => {
      while (!errors.includes(text)) await once(child.stderr!, 'data')
    }
    return { child, said, ...JSON.parse(out) }
  }

  async function stored(name: string, series: string): Promise<number> {
    const stores = { main: `sqlite:${join(folder, 'data.db')}` }
    const registry = createRegistry({ stores, timeseries: { [name]: count } })
    const buckets = await registry.served.get(name)!.timeseries.get(series, 'hour', { timestamp: NOW })
    await registry.close(1_000)
    return [...(buckets as ReadonlyMap<number, number>).values()].reduce((sum, each) => sum + each, 0)
  }

  async function open({ ports }: Served): Promise<Socket> {
    const socket = connect(ports.carbon, '127.0.0.1').on('error', () => {})
    await once(socket, 'connect')
    return socket
  }

  it('takes another configuration, refuses a wrong one, and stores all that it got before it is stopped', async () => {
    configure({ views: { ...count, match: 'views' } })
    const served = await start()
    const socket = await open(served)
    socket.write(`views 1 ${NOW}\n`)
    configure({ views: { ...count, type: 'counts' } })
    served.child.kill('SIGHUP')
    await served.said('the configuration stays as it was')
    socket.write(`views 1 ${NOW}\n`)
    configure({ views: { ...count, match: ['views', 'more'] }, hits: { ...count, match: 'hits' } })
    served.child.kill('SIGHUP')
    await served.said('the configuration was loaded again')

    let sent = 2
    let ended = false
    socket.resume().once('end', () => (ended = true))
    const sending = (async () => {
      while (!ended) {
        const lines = 500
        sent += lines
        if (!socket.write(`views 1 ${NOW}\nhits 1 ${NOW}\nmore 1 ${NOW}\n`.repeat(lines)))
          await Promise.race(['drain', 'close'].map((event) => new Promise((resolve) => socket.once(event, resolve))))
        await new Promise((resolve) => setImmediate(resolve))
      }
      socket.end()
    })()
    while (sent < 5_000) await new Promise((resolve) => setImmediate(resolve))
    served.child.kill('SIGTERM')
    const [code] = await once(served.child, 'exit')
    await sending
    expect(code).toBe(0)
    expect(await stored('views', 'views')).toBe(sent)
    expect([await stored('views', 'more'), await stored('hits', 'hits')]).toEqual([sent - 2, sent - 2])
  })

  if (long)
    it('loses no more to SIGKILL than came since the last write', async () => {
      configure({ views: { ...count, match: 'views' } }, { buffer: { interval: 50 } })
      const served = await start()
      const socket = await open(served)
      let certain = 0
      for (let round = 1; round <= 20; round++) {
        socket.write(`views 1 ${NOW}\n`.repeat(1_000))
        while (certain < round * 1_000) {
          const text = await (await fetch(`${served.url}/metrics`)).text()
          certain = Number(/kairos_buffer_stored_total\{timeseries="views"\} (\d+)/.exec(text)?.[1])
        }
      }
      socket.write(`views 1 ${NOW}\n`.repeat(1_000))
      served.child.kill('SIGKILL')
      await once(served.child, 'exit')
      const found = await stored('views', 'views')
      expect(found).toBeGreaterThanOrEqual(certain)
      expect(found).toBeLessThanOrEqual(certain + 1_000)
    })
})
