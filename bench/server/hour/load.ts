import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { HourServer } from './served.ts'

/** Names of each client. */
const NAMES = 50
/** Milliseconds. */
const TICK = 100

/** What was sent by one client: values, and their sum. */
interface Sent {
  values: number
  sum: number
}

/** What clients send, by the beginning of its names. */
export type SentBy = Record<string, Sent>

/** Clients of all kinds, at a steady pace. */
export class Load {
  readonly sent: SentBy = {}
  /** Answers by request and status. */
  readonly answers: Record<string, number> = {}
  /** Clients of which a request was not answered. */
  readonly unsure = new Set<string>()
  events = 0
  readonly #server: HourServer
  readonly #carbon: Socket
  readonly #pickle: Socket
  readonly #statsd: Socket
  readonly #udp = createSocket('udp4')
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4, scheduling: 'fifo' })
  #asked = 0
  #ticks = 0
  #reloads = 0

  private constructor(server: HourServer) {
    this.#server = server
    this.#carbon = connect(server.ports.carbon, '127.0.0.1')
    this.#pickle = connect(server.ports.pickle, '127.0.0.1')
    this.#statsd = connect(server.ports.statsd, '127.0.0.1')
  }

  /** Sends and asks until the time is over, and resolves when all has arrived. */
  static async run(server: HourServer, seconds: number): Promise<Load> {
    const load = new Load(server)
    // What is loaded with the first request of its kind.
    for (const [path] of READS) await load.#ask(path)
    const end = performance.now() + seconds * 1_000
    const running = new Set<Promise<void>>()
    for (let next = performance.now(); next < end; next += TICK) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())))
      for (const work of load.#tick()) {
        running.add(work)
        void work.finally(() => running.delete(work))
      }
      // A machine that is busy: what is asked for must not pile up.
      if (running.size > 50) await Promise.race(running)
    }
    await Promise.all(running)
    const streams = [load.#carbon, load.#pickle, load.#statsd]
    await Promise.all(streams.map((socket) => ended(socket)))
    load.#udp.close()
    load.#agent.destroy()
    return load
  }

  /** What is sent at once, and what must be waited for. */
  #tick(): Promise<void>[] {
    const tick = this.#ticks++
    this.#carbon.write(this.#lines('tcp.carbon', 50, (name, value) => `${name} ${value} -1\n`))
    this.#statsd.write(
      this.#lines('tcp.count', 25, (name, value) => `${name}:${value}|c\n`) +
        this.#lines('tcp.timing', 25, (name, value) => `${name}:${value}|ms\n`) +
        this.#lines('tcp.gauge', 5, (name) => `${name}:+1|g\n`) +
        this.#lines('tcp.member', 5, (name, value) => `${name}:visitor${value}|s\n`),
    )
    this.#packet(
      this.#server.ports.statsd,
      this.#lines('udp.count', 25, (name, value) => `${name}:${value}|c\n`),
    )
    this.#packet(
      this.#server.ports.carbon,
      this.#lines('udp.carbon', 25, (name, value) => `${name} ${value} N\n`),
    )
    const every = (ticks: number, offset: number): boolean => tick % ticks === offset
    const work: Promise<void>[] = []
    if (every(10, 0)) this.#pickle.write(this.#pickled())
    if (every(10, 1)) work.push(this.#short())
    if (every(10, 2)) work.push(this.#json())
    if (every(10, 3)) work.push(this.#influx())
    if (every(20, 4)) work.push(this.#put())
    if (every(20, 14)) work.push(this.#cut())
    for (const [path, ticks, offset] of READS) if (every(ticks, offset)) work.push(this.#ask(path).then(() => {}))
    if (every(600, 599)) work.push(this.#server.reload(++this.#reloads))
    return work
  }

  #lines(prefix: string, count: number, lineOf: (name: string, value: number) => string): string {
    const lines = Array.from({ length: count }, (_, index) =>
      lineOf(`${prefix}.n${(this.#ticks * count + index) % NAMES}`, (this.#ticks + index) % 1_000),
    )
    this.#count(prefix, count)
    return lines.join('')
  }

  /** Those that `#lines` makes. */
  #count(prefix: string, count: number): void {
    const sent = this.sent[prefix] ?? { values: 0, sum: 0 }
    this.sent[prefix] = sent
    sent.values += count
    for (let index = 0; index < count; index++) sent.sum += (this.#ticks + index) % 1_000
  }

  #packet(port: number, lines: string): void {
    this.#udp.send(lines, port, '127.0.0.1')
  }

  #pickled(): Buffer {
    const points = this.#lines('tcp.pickle', 50, (name, value) => `(S'${name}'\n(I-1\nI${value}\nttl`)
    const list = Buffer.from(`(${points.replaceAll('ttl', 'tt')}l.`)
    const message = Buffer.alloc(list.length + 4)
    message.writeUInt32BE(list.length)
    list.copy(message, 4)
    return message
  }

  /** A client that connects for a few lines. */
  async #short(): Promise<void> {
    const socket = connect(this.#server.ports.carbon, '127.0.0.1')
    socket.write(this.#lines('tcp.short', 20, (name, value) => `${name} ${value} -1\n`))
    await ended(socket)
  }

  /** A client that ends in the middle of a line, and one that breaks off. */
  async #cut(): Promise<void> {
    const socket = connect(this.#server.ports.statsd, '127.0.0.1')
    socket.write(
      `${this.#lines('tcp.cut', 5, (name, value) => `${name}:${value}|c\n`)}nonsense\n${'long'.repeat(2_000)}\ntcp.cut.n1:5`,
    )
    await ended(socket)
    const other = connect(this.#server.ports.carbon, '127.0.0.1')
    await once(other, 'connect')
    other.resetAndDestroy()
    await once(other, 'close')
  }

  async #json(): Promise<void> {
    const points = this.#lines('http.json', 20, (name, value) => `${JSON.stringify({ name, value })}\n`)
    await this.#post('http.json', '/api/write', points)
  }

  async #influx(): Promise<void> {
    const lines = this.#lines('http.influx', 20, (name, value) => `${name} value=${value}\n`)
    await this.#post('http.influx', '/write', lines)
  }

  async #put(): Promise<void> {
    this.events += 5
    const events = { visits: Array.from({ length: 5 }, (_, index) => ({ page: `/page${index}`, tick: this.#ticks })) }
    await this.#post('events', '/1.0/events/put', JSON.stringify({ events }))
  }

  /** Posts the values of a client. Where no answer comes, nobody can say whether they were taken. */
  async #post(client: string, path: string, body: string): Promise<void> {
    if ((await this.#ask(path, 'POST', body)) === undefined) this.unsure.add(client)
  }

  /** Over connections that are kept, each in use all the time; every tenth request over one of its own. Resolves to the status. */
  async #ask(path: string, method = 'GET', body?: string): Promise<number | undefined> {
    const agent = ++this.#asked % 10 === 0 ? false : this.#agent
    const asked = performance.now()
    const status = await new Promise<number | undefined>((resolve) => {
      const asking = request(this.#server.url + path, { method, agent }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode))
      })
      asking.on('error', ({ message }) => {
        console.error(`${path}: ${message} after ${((performance.now() - asked) / 1_000).toFixed(1)} s`)
        resolve(undefined)
      })
      asking.end(body)
    })
    const key = `${path.replace(/\?.*/, '')} ${status ?? 'no answer'}`
    this.answers[key] = (this.answers[key] ?? 0) + 1
    return status
  }
}

/** What is asked for, every this many ticks. */
const READS: readonly (readonly [path: string, ticks: number, offset: number])[] = [
  ['/render?from=-1h&target=sumSeries(tcp.count.*)&target=tcp.timing.n1.p95', 10, 5],
  ['/render?from=-24h&maxDataPoints=700&target=perSecond(tcp.carbon.n2)&target=movingAverage(udp.carbon.n3,10)', 20, 6],
  ['/render?from=-1h&target=nothing.like.it&target=unknownFunction(tcp.count.n1)', 100, 7],
  ['/metrics/find?query=tcp.*', 10, 8],
  ['/metrics/find?query=udp.count.*', 20, 9],
  ['/tags', 100, 9],
  ['/api/names?prefix=http.', 20, 16],
  ['/api/query?timeseries=metrics&names=tcp.carbon.n4&start=-1h&maxPoints=100', 20, 17],
  ['/api/top?timeseries=counts&interval=minute&start=-5min&limit=10', 50, 18],
  ['/series?stat=tcp.count.n5&interval=minute&start=-10min&schema=counts', 50, 28],
  ['/federate?match[]=tcp.count.*', 100, 19],
  ['/metrics', 50, 29],
  ['/', 50, 39],
  ['/api/dead-letters?reason=malformed', 100, 49],
  ['/api/openapi.json', 600, 59],
  ['/health', 50, 49],
]

async function ended(socket: Socket): Promise<void> {
  socket.end()
  await once(socket.resume(), 'close')
}
