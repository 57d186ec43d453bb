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
      const figures: Figures[] = []
      for (const make of makers) {
        const peer = await make()
        figures.push(await measure(report, peer))
        await peer.clear()
        await peer.close()
      }
      if (stack !== undefined) compare(report, figures[0]!, figures.at(-1)!)
    } finally {
      await stopServers(running)
    }
  },
}

/** A tick of the kernel is 10 ms. */
const READS = 100

const what = `${NAMES.length} names with ${MINUTES.toLocaleString('en')} minutes each`

/** What one peer takes. */
interface Figures {
  readonly first: ProcessorTime
  readonly again: ProcessorTime
  readonly read: ProcessorTime
  readonly bytes: number
}

/** Against the project's own targets. */
function compare(report: Report, own: Figures, module: Figures): void {
  const both = ({ server, client }: ProcessorTime): number => server + client
  for (const [title, ratio, most] of [
    ['first write, server', own.first.server / module.first.server, 0.5],
    ['the same into what exists, server', own.again.server / module.again.server, 0.05],
    ['joined read, server and client', both(own.read) / both(module.read), 0.7],
    ['memory', own.bytes / module.bytes, 1],
  ] as const) {
    const note = `at most ${most}: ${ratio <= most ? 'met' : 'MISSED'}`
    report.figure(`bulkInsert() and series() beside RedisTimeSeries: ${title}`, ratio, 'times', note)
  }
}

async function measure(report: Report, peer: Peer): Promise<Figures> {
  const tell = (title: string, { server, client }: ProcessorTime): void => {
    report.figureOf(peer.name, `${title}: server`, server, 'ms of processor time')
    report.figureOf(peer.name, `${title}: client`, client, 'ms of processor time')
  }
  const server = (): number => timeOfProcess(peer.pid)
  await peer.clear()
  await peer.write()
  const first = await processorTimeOf(server, peer.write, { runs: 10, prepare: peer.clear })
  tell(`first write of ${what}`, first)
  const bytes = (await peer.bytes()) / POINTS.length
  report.figureOf(peer.name, 'memory', bytes, 'bytes a bucket')
  const again = await processorTimeOf(server, peer.write, { runs: 5 })
  tell('the same into what exists', again)
  const found = await peer.read()
  if (found !== MINUTES) throw new Error(`${peer.name} read ${found} minutes, not ${MINUTES}`)
  await peer.read()
  const many = async (): Promise<void> => {
    for (let read = 0; read < READS; read++) await peer.read()
  }
  const reads = await processorTimeOf(server, many, { runs: 1 })
  const read = { server: reads.server / READS, client: reads.client / READS }
  tell(`read of ${what}, joined`, read)
  return { first, again, read, bytes }
}
