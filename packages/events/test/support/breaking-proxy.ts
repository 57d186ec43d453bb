import { connect, createServer, type Socket } from 'node:net'

/** A proxy that cuts each connection in the middle of a response, `times` times, and then passes everything on. */
export interface BreakingProxy {
  readonly url: string
  readonly cuts: number
  close(): Promise<void>
}

/** `after`: bytes of a response that pass before a cut. */
export async function startBreakingProxy(
  target: { readonly port: number },
  { after, times }: { readonly after: number; readonly times: number },
): Promise<BreakingProxy> {
  let cuts = 0
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(target.port, '127.0.0.1')
    let passed = 0
    client.pipe(upstream)
    upstream.on('data', (piece) => {
      passed += piece.length
      if (passed <= after || cuts >= times) {
        client.write(piece)
        return
      }
      cuts++
      // The bytes before the limit still pass, so that the client gets half a line.
      client.write(piece.subarray(0, Math.max(0, piece.length - (passed - after))), () => client.destroy())
      upstream.destroy()
    })
    upstream.on('end', () => client.end())
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    get cuts() {
      return cuts
    },
    close() {
      // A client keeps its last connection open for some seconds.
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
