import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { IntakeStats } from '../write/intake-stats.ts'
import type { Source } from '../write/source.ts'
import type { Listener } from './listener.ts'
import { arrivals } from './turn.ts'

/** What the kernel is asked to hold for the process while it is busy. It gives as much as its `net.core.rmem_max` allows. */
const RECEIVE_BYTES = 8_000_000
/** Milliseconds without a packet after which those before have been taken. */
const QUIET = 20

/** What listens to UDP. */
export interface UdpOptions {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly stats: IntakeStats
  /** What takes the packets of a source: it is one for all of them. */
  open(source: Source): (packet: Buffer) => void
}

/** A source whose peer is that of the last packet. */
class PacketSource implements Source {
  readonly listener: string
  readonly isLossy = true
  readonly stats: IntakeStats
  from: RemoteInfo | undefined

  constructor(listener: string, stats: IntakeStats) {
    this.listener = listener
    this.stats = stats
  }

  get peer(): string {
    return this.from === undefined ? 'unknown' : `${this.from.address}:${this.from.port}`
  }
}

/** Listens to UDP. */
export async function listenUdp({ name, host, port, stats, open }: UdpOptions): Promise<Listener> {
  const source = new PacketSource(name, stats)
  const take = open(source)
  const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4' })
  socket.on('message', (packet, from) => {
    stats.packets++
    stats.bytes += packet.length
    source.from = from
    take(packet)
  })
  await once(socket.bind(port, host), 'listening').catch((error) => {
    socket.close()
    throw error
  })
  socket.on('error', (error) => process.emitWarning(`${name}: ${error.message}`))
  try {
    socket.setRecvBufferSize(RECEIVE_BYTES)
  } catch {
    // The kernel's own size remains.
  }
  return {
    port: socket.address().port,
    async stop(grace) {
      const end = performance.now() + grace
      for (let before = -1; before !== stats.packets && performance.now() < end; ) {
        before = stats.packets
        await wait(Math.min(QUIET, grace))
        await arrivals()
      }
      await new Promise<void>((resolve) => socket.close(() => resolve()))
    },
  }
}
