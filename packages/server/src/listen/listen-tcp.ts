import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { IntakeStats } from '../write/intake-stats.ts'
import type { Source } from '../write/source.ts'
import type { Target } from './line-intake.ts'
import type { Listener } from './listener.ts'
import { PacedStream, type StreamTaker } from './paced-stream.ts'
import { arrivals } from './turn.ts'

/** Milliseconds without a byte, after the client could see that the server ends, after which what it has sent is taken to have arrived. */
const QUIET = 500

/** What listens to TCP. */
export interface TcpOptions {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly stats: IntakeStats
  readonly target: Target
  /** `close` cuts the connection. */
  open(source: Source, close: () => void): StreamTaker
}

/** Listens to TCP. Connections are read no faster than their values can be written. */
export async function listenTcp({ name, host, port, stats, target, open }: TcpOptions): Promise<Listener> {
  const sockets = new Set<Socket>()
  /** Where the listener ends. */
  let onEmpty: (() => void) | undefined

  const idleTimeout = (): number => (onEmpty === undefined ? target.limits.idleTimeout : QUIET)

  function serve(socket: Socket): void {
    if (sockets.size >= target.limits.maxConnections) {
      stats.refused++
      socket.destroy()
      return
    }
    const peer = `${socket.remoteAddress}:${socket.remotePort}`
    const taker = open({ listener: name, peer, isLossy: false, stats }, () => socket.destroy())
    const stream = new PacedStream(socket, taker, target, stats)
    sockets.add(socket)
    stats.opened++
    stats.connections++
    socket.setKeepAlive(true, 60_000)
    socket.setTimeout(idleTimeout())
    socket.on('timeout', () => void endIdle(socket))
    socket.on('data', (chunk: Buffer) => {
      stats.bytes += chunk.length
      stream.take(chunk)
    })
    socket.on('end', () => socket.end())
    // What it breaks off with is said by what is missing.
    socket.on('error', () => {})
    socket.on('close', async () => {
      await stream.end()
      sockets.delete(socket)
      stats.connections--
      if (sockets.size === 0) onEmpty?.()
    })
  }

  /** Unless it is made to wait, or something has come after all. */
  async function endIdle(socket: Socket): Promise<void> {
    const { bytesRead } = socket
    await arrivals()
    if (socket.isPaused() || socket.bytesRead > bytesRead) {
      socket.setTimeout(idleTimeout())
      return
    }
    if (onEmpty === undefined) stats.idle++
    socket.destroy()
  }

  const server = createServer({ allowHalfOpen: true, noDelay: true }, serve)
  await once(server.listen(port, host), 'listening')
  // As long as the process may open no more files.
  server.on('error', () => stats.refused++)
  const address = server.address() as { readonly port: number }
  return {
    port: address.port,
    async stop(grace) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      const done = new Promise<void>((resolve) => {
        onEmpty = resolve
        if (sockets.size === 0) resolve()
      })
      // Clients that listen for it send no more; what they have sent is still read.
      for (const socket of sockets) {
        socket.end()
        socket.setTimeout(idleTimeout())
      }
      const cutting = setTimeout(() => {
        for (const socket of sockets) socket.destroy()
      }, grace)
      await Promise.all([closed, done])
      clearTimeout(cutting)
    },
  }
}
