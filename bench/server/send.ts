import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

const CONNECTIONS = 2
/** Bytes of a packet over Ethernet. */
const PACKET = 1_432
/** Bytes that wait for the server in the kernel, with what it needs to hold them: more could be dropped. */
const AHEAD = 100_000
/** Packets between two looks at what waits. */
const EVERY = 10

/** Sends lines over a few connections, and resolves when the server has closed them all. */
export async function sendTcp(port: number, lines: readonly string[]): Promise<void> {
  const share = lines.length / CONNECTIONS
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async (_, connection) => {
      const socket = connect(port, '127.0.0.1')
      for (let at = connection * share; at < (connection + 1) * share; at += 1_000) {
        if (!socket.write(lines.slice(at, Math.min(at + 1_000, (connection + 1) * share)).join('')))
          await once(socket, 'drain')
      }
      socket.end()
      await once(socket.resume(), 'close')
    }),
  )
}

/** Sends lines in packets, no faster than the server takes them: what waits for it is read from `/proc`, which costs the server nothing. */
export async function sendUdp(port: number, lines: readonly string[]): Promise<void> {
  const socket = createSocket('udp4')
  let packet = ''
  let sent = 0
  const send = async (): Promise<void> => {
    await new Promise<void>((resolve) => socket.send(packet.slice(0, -1), port, '127.0.0.1', () => resolve()))
    packet = ''
    if (++sent % EVERY === 0) while (waiting(port) > AHEAD) await wait(1)
  }
  for (const line of lines) {
    if (packet.length + line.length > PACKET) await send()
    packet += line
  }
  await send()
  while (waiting(port) > 0) await wait(1)
  socket.close()
}

/** Bytes in the kernel for a port of this machine. */
function waiting(port: number): number {
  const ending = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const fields = readFileSync('/proc/net/udp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(([, address]) => address?.endsWith(ending))
  return Number.parseInt(fields?.[4]?.split(':')[1] ?? '0', 16)
}
