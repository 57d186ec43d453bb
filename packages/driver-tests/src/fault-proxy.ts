import { connect, createServer, type Server, type Socket } from 'node:net'

/**
 * What may happen to a connection when the client has sent something:
 * - `cut-reply`: the server receives everything and answers, but both ends are cut before a byte of the answer passes. The client cannot know.
 * - `cut-request`: the server receives the first half, then both ends are cut.
 * - `stall`: the server receives everything and answers, but nothing reaches the client any more, and no connection ends until `release` cuts it.
 * - `hold-request`: neither it nor what the client sends later reaches the server until `release`, and then all of it does: a slow network.
 * - `hold-reply`: the server receives everything and answers; the client gets the answers with `release`.
 */
export type Fault = 'cut-reply' | 'cut-request' | 'stall' | 'hold-request' | 'hold-reply'

/** Options of `startFaultProxy`. */
export interface FaultProxyOptions {
  /** Where the real server listens. */
  readonly target: { readonly host: string; readonly port: number }
  /**
   * Called for each piece of data that a client sends, in order of arrival; null: it passes. This includes logins and handshakes, so
   * answer null until the client is up.
   */
  decide(data: Uint8Array): Fault | null
  /** Default: any free port. */
  readonly port?: number
}

/** A TCP proxy on loopback that breaks connections as its `decide` says. */
export interface FaultProxy {
  readonly host: string
  readonly port: number
  /** How often each fault has happened. */
  readonly faults: Readonly<Record<Fault, number>>
  /** Connections that are open now. */
  readonly connections: number
  /** Cuts every stalled connection; those on which something was held continue, with that first. */
  release(): void
  /** Cuts every connection; later ones are served. */
  cutAll(): void
  close(): Promise<void>
}

/**
 * Starts a proxy in front of a server, to see what a driver reports about writes whose answers it never received.
 * @example
 * const proxy = await startFaultProxy({ target: { host: '127.0.0.1', port: 6379 }, decide: () => (Math.random() < 0.02 ? 'cut-reply' : null) })
 */
export async function startFaultProxy({ target, decide, port = 0 }: FaultProxyOptions): Promise<FaultProxy> {
  const faults: Record<Fault, number> = {
    'cut-reply': 0,
    'cut-request': 0,
    stall: 0,
    'hold-request': 0,
    'hold-reply': 0,
  }
  const links = new Set<Link>()
  const server = createServer((client) => {
    const link = new Link(client, connect(target), (data) => {
      const fault = decide(data)
      if (fault !== null) faults[fault]++
      return fault
    })
    links.add(link)
    link.onEnd = () => links.delete(link)
  })
  await listen(server, port)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no TCP port')
  return {
    host: '127.0.0.1',
    port: address.port,
    faults,
    get connections() {
      return links.size
    },
    release() {
      for (const link of links) link.release()
    },
    cutAll() {
      for (const link of links) link.cut()
    },
    close() {
      for (const link of links) link.cut()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** A client's connection and its counterpart to the server. */
class Link {
  /** Set once the proxy has made it. */
  onEnd: () => void = () => {}
  readonly #client: Socket
  readonly #server: Socket
  readonly #decide: (data: Uint8Array) => Fault | null
  /** The fault that has begun; from then on nothing more passes, of held connections until they are released. */
  #fault: Fault | null = null
  /** Requests or replies. */
  #held: Buffer[] = []

  constructor(client: Socket, server: Socket, decide: (data: Uint8Array) => Fault | null) {
    this.#client = client
    this.#server = server
    this.#decide = decide
    client.on('data', (data) => this.#request(data))
    server.on('data', (data) => this.#reply(data))
    for (const socket of [client, server]) {
      socket.setNoDelay(true)
      // Both ends are cut in many tests; their errors about it are expected.
      socket.on('error', () => {})
      socket.on('close', () => this.cut())
    }
  }

  release(): void {
    if (this.#fault === 'stall') this.cut()
    const target = { 'hold-request': this.#server, 'hold-reply': this.#client }[String(this.#fault)]
    if (target === undefined) return
    for (const data of this.#held) target.write(data)
    this.#held = []
    this.#fault = null
  }

  cut(): void {
    this.#client.destroy()
    this.#server.destroy()
    this.onEnd()
  }

  #request(data: Buffer): void {
    if (this.#fault === 'cut-request') return
    if (this.#fault === null) this.#fault = this.#decide(data)
    if (this.#fault === 'hold-request') {
      this.#held.push(data)
      return
    }
    if (this.#fault !== 'cut-request') {
      this.#server.write(data)
      return
    }
    // Written before it is cut: destroying at once would drop what the kernel has not taken yet.
    this.#server.write(data.subarray(0, data.length >> 1), () => this.cut())
  }

  #reply(data: Buffer): void {
    if (this.#fault === null || this.#fault === 'hold-request') this.#client.write(data)
    else if (this.#fault === 'hold-reply') this.#held.push(data)
    else if (this.#fault === 'cut-reply') this.cut()
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve())
  })
}
