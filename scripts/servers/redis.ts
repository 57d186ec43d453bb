import { mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { ServerKind } from './kind.ts'
import { findProgram, freePorts, runToEnd, startProcess, untilReady } from './processes.ts'

const COMMON = { debian: ['redis-server'], prepare: missing } as const

export const redis: ServerKind = {
  ...COMMON,
  name: 'redis',
  variable: 'KAIROS_TEST_REDIS_URL',
  async start(folder) {
    const [port] = await freePorts(1)
    return { url: `redis://127.0.0.1:${port}`, pids: [await startRedis(folder, port!)] }
  },
}

/** Six nodes: three masters, each with a replica. */
export const redisCluster: ServerKind = {
  ...COMMON,
  name: 'redis-cluster',
  variable: 'KAIROS_TEST_REDIS_CLUSTER_URL',
  async start(folder) {
    const ports = await freePorts(6, 10_000)
    const pids = await Promise.all(
      ports.map((port) => {
        const own = join(folder, String(port))
        mkdirSync(own)
        return startRedis(own, port, [
          ...['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf', '--cluster-announce-ip', '127.0.0.1'],
          ...['--cluster-node-timeout', '2000'],
        ])
      }),
    )
    const nodes = ports.map((port) => `127.0.0.1:${port}`)
    await runToEnd('redis-cli', ['--cluster', 'create', ...nodes, '--cluster-replicas', '1', '--cluster-yes'])
    for (const port of ports) {
      const log = join(folder, String(port), 'redis.log')
      await untilReady('the Redis cluster', log, async () => {
        const [info, list] = [await askRedis(port, 'CLUSTER INFO'), await askRedis(port, 'CLUSTER NODES')]
        return info.includes('cluster_state:ok') && list.split('slave').length === 4
      })
      await untilReady('a replica', log, async () => {
        const replication = await askRedis(port, 'INFO replication')
        return !replication.includes('role:slave') || replication.includes('master_link_status:up')
      })
    }
    return { url: `redis+cluster://${nodes.join(',')}`, pids }
  },
}

async function missing(): Promise<string | null> {
  return ['redis-server', 'redis-cli'].some((program) => findProgram(program) === null) ? 'redis-server' : null
}

/** Starts a server on this port, with the installed program or another; resolves to its process when it answers. */
export async function startRedis(
  folder: string,
  port: number,
  parameters: readonly string[] = [],
  command = 'redis-server',
): Promise<number> {
  const log = join(folder, 'redis.log')
  const pid = await startProcess({
    command,
    // A process that calls itself by its port only: the folder is named by --dir, which the title does not show.
    parameters: [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'],
      // A disk-less sync waits five seconds for more replicas by default.
      ...['--repl-diskless-sync-delay', '0'],
      ...['--set-proc-title', 'yes', '--proc-title-template', `{title} {listen-addr} ${folder}`],
      ...parameters,
    ],
    folder,
    log,
  })
  await untilReady('Redis', log, async () => (await askRedis(port, 'PING')).includes('PONG'))
  return pid
}

/** A server's answer to an inline command. */
export function askRedis(port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.end(`${command}\r\nQUIT\r\n`))
    socket.setEncoding('utf8').on('data', (data) => {
      answer += data
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })
}
