import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A proxy on loopback to whose server, and back, each takes half of this many milliseconds. */
export async function slowProxy(url: string, milliseconds: number): Promise<{ url: string; close(): void }> {
  const target = new URL(url)
  const { hostname: host, port } = target
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(port), host)
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from.setNoDelay(true))
      from.on('data', (data) => setTimeout(() => to.write(data), milliseconds / 2))
      from.on('error', () => {})
      from.on('close', () => to.destroy())
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  target.host = `127.0.0.1:${(server.address() as { port: number }).port}`
  return {
    url: target.href,
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
