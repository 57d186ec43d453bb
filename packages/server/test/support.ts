import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'

/** Sends everything over one connection, and resolves when the server has closed it. */
export async function sendTcp(port: number, ...pieces: (string | Uint8Array)[]): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  for (const piece of pieces) {
    socket.write(piece)
    await new Promise((resolve) => setImmediate(resolve))
  }
  socket.end()
  socket.resume()
  await once(socket, 'close')
}

export async function sendUdp(port: number, ...packets: (string | Uint8Array)[]): Promise<void> {
  const socket = createSocket('udp4')
  for (const packet of packets)
    await new Promise<void>((resolve, reject) => {
      socket.send(packet, port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error)))
    })
  socket.close()
}
