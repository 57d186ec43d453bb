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
  readonly ports: Readonly<Record<'carbon' | 'pickle' | 'statsd', number>>
  /** Resolves when it has said so. */
  said(text: string): Promise<void>
}

/** A client that sends until the server ends its side of the connection. */
interface Sender {
  /** How many have been sent. */
  pieces: number
  readonly ended: Promise<void>
}

function keepSending(socket: Socket, piece: string | Buffer): Sender {
  let isOpen = true
  for (const event of ['end', 'close'])
    socket.resume().once(event, () => {
      isOpen = false
    })
  const sender = { pieces: 0, ended: send() }
  return sender

  async function send(): Promise<void> {
    while (isOpen) {
      await new Promise((resolve) => setImmediate(resolve))
      sender.pieces++
      if (!socket.write(piece))
        await Promise.race(['drain', 'close'].map((event) => new Promise((resolve) => socket.once(event, resolve))))
    }
    socket.end()
  }
}

/** The same over HTTP, with as many points in each request, until one has no answer. */
function keepPosting(url: string, point: object, count: number): { accepted: number; readonly ended: Promise<void> } {
  const body = JSON.stringify(Array.from({ length: count }, () => point))
  const posting = { accepted: 0, ended: post() }
  return posting

  async function post(): Promise<void> {
    for (;;) {
      const answer = await fetch(`${url}/api/write`, { method: 'POST', body })
        .then((response) => response.json() as Promise<{ accepted: number }>)
        .catch(() => undefined)
      if (answer === undefined) return
      posting.accepted += answer.accepted
    }
  }
}

/** A message with as many points of a name. */
function pickleOf(name: string, count: number): Buffer {
  const list = Buffer.from(`(${`(S'${name}'\n(I${NOW}\nI1\ntt`.repeat(count)}l.`)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(list.length)
  return Buffer.concat([length, list])
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
    const ports = { port: 0, carbon: { port: 0, picklePort: 0 }, statsd: { port: 0 } }
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

  async function open(port: number): Promise<Socket> {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    await once(socket, 'connect')
    return socket
  }

  it('takes another configuration, refuses a wrong one, and stores all that it got before it is stopped', async () => {
    configure({ views: { ...count, match: 'views' } })
    const served = await start()
    const socket = await open(served.ports.carbon)
    socket.write(`views 1 ${NOW}\n`)
    configure({ views: { ...count, type: 'counts' } })
    served.child.kill('SIGHUP')
    await served.said('the configuration stays as it was')
    socket.write(`views 1 ${NOW}\n`)
    configure({
      views: { ...count, match: ['views', 'more', 'statsd', 'pickle', 'http'] },
      hits: { ...count, match: 'hits' },
    })
    served.child.kill('SIGHUP')
    await served.said('the configuration was loaded again')

    const lines = 500
    const senders = [
      keepSending(socket, `views 1 ${NOW}\nhits 1 ${NOW}\nmore 1 ${NOW}\n`.repeat(lines)),
      keepSending(await open(served.ports.statsd), `statsd:1|c|T${NOW}\n`.repeat(lines)),
      keepSending(await open(served.ports.pickle), pickleOf('pickle', lines)),
    ] as const
    const posting = keepPosting(served.url, { name: 'http', value: 1, timestamp: NOW }, lines)
    while (senders.some(({ pieces }) => pieces < 10) || posting.accepted === 0)
      await new Promise((resolve) => setImmediate(resolve))
    served.child.kill('SIGTERM')
    const [code] = await once(served.child, 'exit')
    await Promise.all([...senders, posting].map(({ ended }) => ended))
    expect(code).toBe(0)
    const [carbon, statsd, pickle] = senders.map(({ pieces }) => pieces * lines)
    expect(await stored('views', 'views')).toBe(carbon! + 2)
    expect([await stored('views', 'more'), await stored('hits', 'hits')]).toEqual([carbon, carbon])
    expect([await stored('views', 'statsd'), await stored('views', 'pickle')]).toEqual([statsd, pickle])
    // The request that got no answer may have been taken.
    expect([posting.accepted, posting.accepted + lines]).toContain(await stored('views', 'http'))
  })

  if (long)
    it('loses no more to SIGKILL than came since the last write', async () => {
      configure({ views: { ...count, match: 'views' } }, { buffer: { interval: 50 } })
      const served = await start()
      const socket = await open(served.ports.carbon)
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
