import { messageOf } from '@kairos/core/driver'
import { type Finding, finding, type Probe } from './finding.ts'
import { redisAddressOf } from './redis-address.ts'
import { type Fields, type RedisNode, withRedis } from './redis-client.ts'
import { findingsAt } from './redis-server.ts'

/** What a Sentinel says of the master; or why it cannot be asked. */
export interface SentinelAnswer {
  readonly sentinel: string
  readonly master?: Fields
  /** Whether enough Sentinels are there to put another in its place. */
  readonly quorum?: string
  readonly failure?: string
}

/** Looks at the Sentinels that a URL names, and at the master that they know. Sentinels that want a login of their own cannot be asked by a URL. */
export const probeRedisSentinel: Probe = async function* (url, place) {
  const { nodes, master: name } = redisAddressOf(url)
  const answers = await Promise.all(nodes.map((node) => asked(node, name, place.timeout)))
  yield* sentinelFindings(answers)
  const master = answers.find((answer) => answer.master !== undefined)?.master
  if (master === undefined) return
  const { username, password, db = 0 } = nodes[0]!
  const server = { username, password, db, host: master.ip!, port: Number(master.port) }
  yield* findingsAt(server, place, true)
}

async function asked({ host, port }: RedisNode, name: string, timeout: number): Promise<SentinelAnswer> {
  const sentinel = `${host}:${port}`
  try {
    return await withRedis({ host, port }, timeout, async (client) => {
      const master = objectOf((await client.call('SENTINEL', 'MASTER', name)) as string[])
      const quorum = await client.call('SENTINEL', 'CKQUORUM', name).catch(messageOf)
      return { sentinel, master, quorum: String(quorum) }
    })
  } catch (error) {
    return { sentinel, failure: messageOf(error) }
  }
}

/** `[key, value, key, value]` as an object. */
function objectOf(list: readonly string[]): Fields {
  return Object.fromEntries(list.flatMap((key, at) => (at % 2 === 0 ? [[key, list[at + 1]!]] : [])))
}

export function* sentinelFindings(answers: readonly SentinelAnswer[]): Generator<Finding> {
  const failed = answers.flatMap(({ sentinel, failure }) => (failure === undefined ? [] : [`${sentinel}: ${failure}`]))
  const masters = answers.flatMap(({ master }) => (master === undefined ? [] : [master]))
  const all = Math.max(0, ...masters.map((master) => Number(master['num-other-sentinels']) + 1))
  yield finding(
    'sentinels',
    failed.length === 0 && all >= 3,
    failed.length === 0 ? `${answers.length} asked, ${all} in total` : failed.join('; '),
    failed.length === 0
      ? 'run three, on separate machines: two cannot agree when one of them is gone'
      : 'start it again; if it requires a login, ask it by hand: redis-cli SENTINEL CKQUORUM NAME',
  )
  if (masters.length === 0) return
  const places = [...new Set(masters.map(({ ip, port }) => `${ip}:${port}`))]
  yield finding(
    'master',
    places.length === 1 && masters.every(({ flags }) => flags === 'master'),
    `${places.join(' or ')}${masters.find(({ flags }) => flags !== 'master') === undefined ? '' : ', which does not answer them'}`,
    'wait for the failover, and check the logs of the Sentinels if it does not happen',
  )
  const missing = answers.flatMap(({ sentinel, quorum }) =>
    quorum === undefined || quorum.startsWith('OK') ? [] : [`${sentinel}: ${quorum}`],
  )
  yield missing.length === 0
    ? finding('failover', true, `possible: quorum ${masters[0]!.quorum} of ${all}`)
    : {
        ...{ check: 'failover', state: 'fail', found: missing.join('; ') },
        todo: 'start the Sentinels that are missing: without them nothing replaces a master that dies',
      }
}
