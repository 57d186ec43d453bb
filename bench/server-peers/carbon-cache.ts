import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePorts } from '../../scripts/servers/processes.ts'
import type { Receiver } from './receiver.ts'

/** As fast as it can, with the intervals of `bench/server/process.ts`. A file holds what was written to it, as a database does. */
const CONFIGURATION = `[cache]
DATABASE = whisper
MAX_CACHE_SIZE = inf
MAX_UPDATES_PER_SECOND = inf
MAX_CREATES_PER_MINUTE = inf
LINE_RECEIVER_INTERFACE = 127.0.0.1
PICKLE_RECEIVER_INTERFACE = 127.0.0.1
CACHE_QUERY_INTERFACE = 127.0.0.1
USE_FLOW_CONTROL = True
LOG_UPDATES = False
LOG_CREATES = False
LOG_CACHE_HITS = False
LOG_CACHE_QUEUE_SORTS = False
LOG_LISTENER_CONN_SUCCESS = False
CACHE_WRITE_STRATEGY = naive
WHISPER_AUTOFLUSH = False
WHISPER_SPARSE_CREATE = True
WHISPER_FALLOCATE_CREATE = False
ENABLE_LOGROTATION = False
CARBON_METRIC_INTERVAL = 0
`
const SCHEMAS = `[all]
pattern = .*
retentions = 60s:7d,1h:2y
`

/** Graphite's own receiver, which writes Whisper files. */
export async function startCarbonCache(program: string, folder: string): Promise<Receiver> {
  const [line, pickle, query] = (await freePorts(3)) as [number, number, number]
  for (const part of ['storage', 'storage/whisper', 'storage/log', 'conf'])
    mkdirSync(join(folder, part), { recursive: true })
  const storage = join(folder, 'storage')
  const folders = `STORAGE_DIR = ${storage}\nLOCAL_DATA_DIR = ${storage}/whisper\nLOG_DIR = ${storage}/log\nPID_DIR = ${storage}\nCONF_DIR = ${join(folder, 'conf')}\nUSER =\n`
  const ports = `LINE_RECEIVER_PORT = ${line}\nPICKLE_RECEIVER_PORT = ${pickle}\nCACHE_QUERY_PORT = ${query}\n`
  const file = join(folder, 'conf', 'carbon.conf')
  writeFileSync(file, CONFIGURATION + folders + ports)
  writeFileSync(join(folder, 'conf', 'storage-schemas.conf'), SCHEMAS)
  const child = spawn(program, ['--config', file, '--nodaemon', '--pidfile', join(folder, 'carbon.pid'), 'start'], {
    stdio: 'ignore',
  })
  while (!(await answers(line))) {
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}`)
    await wait(50)
  }
  return {
    name: 'carbon-cache',
    pid: child.pid!,
    port: line,
    async stop() {
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const answered = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return answered
}
