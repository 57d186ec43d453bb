import { messageOf } from '@kairos/core/driver'
import { type Finding, finding, type Probe } from './finding.ts'
import { findingsOfAll } from './finding-of-all.ts'
import { hostOf, redisAddressOf } from './redis-address.ts'
import { fieldsOf, type RedisNode, withRedis } from './redis-client.ts'
import { findingsAt } from './redis-server.ts'

const SLOTS = 16_384

/** What `CLUSTER NODES` says of a node. */
export interface ClusterNode {
  readonly id: string
  readonly address: string
  readonly isMaster: boolean
  readonly isDown: boolean
  /** Of a replica: the id of its master. */
  readonly master: string | undefined
  readonly hasSlots: boolean
}

/** Looks at a cluster, and at each of its masters. */
export const probeRedisCluster: Probe = async function* (url, place) {
  const { nodes: seeds } = redisAddressOf(url)
  const { info, nodes } = await clusterAt(seeds, place.timeout)
  yield* clusterFindings(info, nodes)
  const { username, password } = seeds[0]!
  const found = new Map<string, Finding[]>()
  for (const { address } of nodes.filter(({ isMaster, isDown, hasSlots }) => isMaster && !isDown && hasSlots)) {
    const own: Finding[] = []
    found.set(address, own)
    try {
      const node = { username, password, ...hostOf(address, 6_379) }
      for await (const each of findingsAt(node, place, true)) own.push(each)
    } catch (error) {
      own.push(finding('server', false, `cannot be asked: ${messageOf(error)}`, 'give this user the right to ask'))
    }
  }
  yield* findingsOfAll(found)
}

/** What the first of these nodes that answers says of the cluster. */
async function clusterAt(
  seeds: readonly RedisNode[],
  timeout: number,
): Promise<{ readonly info: ReturnType<typeof fieldsOf>; readonly nodes: readonly ClusterNode[] }> {
  let failure: unknown
  for (const seed of seeds)
    try {
      return await withRedis(seed, timeout, async (client) => ({
        info: fieldsOf(await client.call('CLUSTER', 'INFO')),
        nodes: nodesIn(String(await client.call('CLUSTER', 'NODES'))),
      }))
    } catch (error) {
      failure = error
    }
  throw failure
}

/** `id host:port@bus flags master ping pong epoch link slots…`, one a line. */
export function nodesIn(text: string): ClusterNode[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(' '))
    .filter((words) => words.length >= 8)
    .map(([id = '', place = '', flags = '', master = '-', , , , , ...slots]) => ({
      id,
      address: place.replace(/@.*$/, ''),
      isMaster: flags.split(',').includes('master'),
      isDown: /\bfail\b|noaddr/.test(flags),
      master: master === '-' ? undefined : master,
      // A slot that moves away is in brackets.
      hasSlots: slots.some((slot) => !slot.startsWith('[')),
    }))
}

export function* clusterFindings(
  { cluster_state: state, cluster_slots_ok: served }: ReturnType<typeof fieldsOf>,
  nodes: readonly ClusterNode[],
): Generator<Finding> {
  const masters = nodes.filter(({ isMaster, hasSlots }) => isMaster && hasSlots)
  const isWhole = state === 'ok' && Number(served) === SLOTS
  const found = `${masters.length} masters, ${served} of ${SLOTS} slots served`
  yield isWhole
    ? finding('cluster', true, found)
    : {
        ...{ check: 'cluster', state: 'fail', found: `${found}, state ${state}` },
        todo: 'redis-cli --cluster check HOST:PORT says which slots have no master, --cluster fix repairs them',
      }
  const down = nodes.filter(({ isDown }) => isDown).map(({ address }) => address)
  yield finding(
    'nodes',
    down.length === 0,
    down.length === 0 ? `all ${nodes.length} are up` : `down: ${down.join(', ')}`,
    'start them again, or remove them by CLUSTER FORGET and give their masters other replicas',
  )
}
