import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StartedServer } from './kind.ts'
import { freePorts, startProcess, untilReady } from './processes.ts'
import { askRedis, startRedis } from './redis.ts'

const MASTER = 'main'

/** A master, its replica, and three sentinels that watch them, with the installed program: for tests that end the master, each with its own set. */
export async function startRedisSentinel(folder: string): Promise<StartedServer> {
  const [master, replica, ...sentinels] = await freePorts(5)
  const start = (port: number, parameters: readonly string[]): Promise<number> =>
    startRedis(folderOf(folder, port), port, ['--repl-diskless-sync-delay', '0', ...parameters])
  const pids = [
    await start(master!, []),
    await start(replica!, ['--replicaof', `127.0.0.1 ${master}`]),
    ...(await Promise.all(sentinels.map((port) => startSentinel(folderOf(folder, port), port, master!)))),
  ]
  await untilReady('the replica', join(folder, String(replica), 'redis.log'), async () =>
    (await askRedis(replica!, 'INFO replication')).includes('master_link_status:up'),
  )
  for (const port of sentinels)
    await untilReady('the sentinels', join(folder, String(port), 'redis.log'), async () => {
      const known = await askRedis(port, `SENTINEL MASTER ${MASTER}`)
      return /num-slaves\r\n\$1\r\n1\r/.test(known) && /num-other-sentinels\r\n\$1\r\n2\r/.test(known)
    })
  return { url: `redis+sentinel://${sentinels.map((port) => `127.0.0.1:${port}`).join(',')}/${MASTER}`, pids }
}

function folderOf(folder: string, port: number): string {
  const own = join(folder, String(port))
  mkdirSync(own)
  return own
}

/** A sentinel writes what it learns into its configuration, so it needs a file. */
async function startSentinel(folder: string, port: number, master: number): Promise<number> {
  const configuration = join(folder, 'sentinel.conf')
  const log = join(folder, 'redis.log')
  writeFileSync(
    configuration,
    [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${folder}`,
      `proc-title-template "{title} {listen-addr} ${folder}"`,
      `sentinel monitor ${MASTER} 127.0.0.1 ${master} 2`,
      `sentinel down-after-milliseconds ${MASTER} 1000`,
      `sentinel failover-timeout ${MASTER} 5000`,
    ].join('\n'),
  )
  const pid = await startProcess({ command: 'redis-server', parameters: [configuration, '--sentinel'], folder, log })
  await untilReady('the sentinel', log, async () => (await askRedis(port, 'PING')).includes('PONG'))
  return pid
}
