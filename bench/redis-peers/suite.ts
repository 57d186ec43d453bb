import { redisStack } from '../../scripts/servers/redis-stack.ts'
import { startServers, stopServers } from '../../scripts/servers/running.ts'
import type { Report } from '../harness.ts'
import { type ProcessorTime, processorTimeOf, timeOfProcess } from '../processor-time.ts'
import type { Suite } from '../suite.ts'
import { incrPeer, kairosPeer, MINUTES, modulePeer, NAMES, type Peer, POINTS } from './peers.ts'

/**
 * Counts in Redis beside what others do there, by processor time of server and client, read from `/proc`: on a machine that does other things too, it is
 * steadier than the time that passes, and it is what is paid for. RedisTimeSeries is left out where its server is missing.
 */
export const suite: Suite = {
  servers: ['redis'],
  async run(report, urls) {
    const url = urls.redis!
    const { running, missing } = await startServers([redisStack])
    try {
      for (const line of missing) console.log(line)
      const stack = process.env[redisStack.variable] ?? running[0]?.url
      const makers = [
        () => kairosPeer(url, false),
        () => kairosPeer(url, true),
        () => incrPeer(url),
        ...(stack === undefined ? [] : [() => modulePeer(stack)]),
      ]
      for (const make of makers) {
        const peer = await make()
        await measure(report, peer)
        await peer.clear()
        await peer.close()
      }
    } finally {
      await stopServers(running)
    }
  },
}

/** A tick of the kernel is 10 ms. */
const READS = 100

const what = `${NAMES.length} names with ${MINUTES.toLocaleString('en')} minutes each`

async function measure(report: Report, peer: Peer): Promise<void> {
  const tell = (title: string, { server, client }: ProcessorTime): void => {
    report.figureOf(peer.name, `${title}: server`, server, 'ms of processor time')
    report.figureOf(peer.name, `${title}: client`, client, 'ms of processor time')
  }
  const server = (): number => timeOfProcess(peer.pid)
  await peer.clear()
  await peer.write()
  tell(`first write of ${what}`, await processorTimeOf(server, peer.write, { runs: 10, prepare: peer.clear }))
  report.figureOf(peer.name, 'memory', (await peer.bytes()) / POINTS.length, 'bytes a bucket')
  tell('the same into what exists', await processorTimeOf(server, peer.write, { runs: 5 }))
  const found = await peer.read()
  if (found !== MINUTES) throw new Error(`${peer.name} read ${found} minutes, not ${MINUTES}`)
  await peer.read()
  const many = async (): Promise<void> => {
    for (let read = 0; read < READS; read++) await peer.read()
  }
  const reads = await processorTimeOf(server, many, { runs: 1 })
  tell(`read of ${what}, joined`, { server: reads.server / READS, client: reads.client / READS })
}
