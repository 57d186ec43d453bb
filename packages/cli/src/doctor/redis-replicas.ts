import { type Finding, finding } from './finding.ts'
import type { Fields } from './redis-client.ts'

/** In seconds and in bytes: a replica that is further behind loses much with its master. */
const LATE = 10
const FAR = 10 * 2 ** 20

/** The replicas of a master, as its `INFO` shows them, and how far they are behind. */
export function* replicaFindings(info: Fields, areNeeded: boolean): Generator<Finding> {
  if (info.role !== 'master') return
  const replicas = Object.entries(info).flatMap(([key, value = '']) =>
    /^slave\d+$/.test(key) ? [replicaOf(value)] : [],
  )
  if (replicas.length === 0) {
    if (areNeeded)
      yield finding(
        'replicas',
        false,
        'none',
        'give it one: when this server dies, what it holds cannot be read or written',
      )
    return
  }
  const end = Number(info.master_repl_offset)
  const seconds = Math.max(...replicas.map(({ lag }) => lag))
  const bytes = Math.max(...replicas.map(({ offset }) => end - offset))
  const lost = replicas.filter(({ state }) => state !== 'online').length
  yield finding(
    'replicas',
    lost === 0 && seconds <= LATE && bytes <= FAR,
    `${replicas.length}, ${lost > 0 ? `${lost} of them not online, ` : ''}at most ${seconds} s and ${bytes} bytes behind`,
    'check the replica and the network to it: acknowledged writes that have not reached it are lost with the master',
  )
}

/** `ip=10.0.0.2,port=6379,state=online,offset=5,lag=0` */
function replicaOf(text: string): {
  readonly state: string | undefined
  readonly offset: number
  readonly lag: number
} {
  const { state, offset, lag } = Object.fromEntries(text.split(',').map((part) => part.split('=')))
  return { state, offset: Number(offset), lag: Number(lag) }
}
