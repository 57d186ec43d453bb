import { execFile, spawn, spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** What to start, and as which user. */
export interface ServerProcess {
  readonly command: string
  readonly parameters: readonly string[]
  /** Its working directory. */
  readonly folder: string
  /** The file that receives its output. */
  readonly log: string
  readonly env?: NodeJS.ProcessEnv
  readonly uid?: number
  readonly gid?: number
}

/** Starts a server's process, which outlives this one; resolves to its id. */
export function startProcess({ command, parameters, folder, log, env, uid, gid }: ServerProcess): Promise<number> {
  const output = openSync(log, 'a')
  const child = spawn(command, parameters, {
    cwd: folder,
    env: { ...process.env, ...env },
    // In its own group, so that Ctrl-C in a terminal reaches only the tests.
    detached: true,
    stdio: ['ignore', output, output],
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  })
  closeSync(output)
  child.unref()
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('spawn', () => resolve(child.pid!))
  })
}

/** Waits until the probe holds; past the deadline fails with the end of the log. */
export async function untilReady(
  what: string,
  log: string,
  probe: () => Promise<boolean>,
  seconds = 60,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000
  while (!(await probe().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`${what} did not answer within ${seconds} s:\n${endOf(log)}`)
    await sleep(50)
  }
}

/** Runs a command; fails with its output. */
export function runToEnd(
  command: string,
  parameters: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; uid?: number; gid?: number } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...options.env }
    const child = execFile(command, parameters, { ...options, env, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`${command} failed: ${`${stdout}\n${stderr}`.trim().slice(-4000) || error.message}`))
    })
    child.stdin?.end()
  })
}

/** Ends the processes of the server in `folder`, including those that a test has restarted: asks, waits, and only then kills. */
export async function stopProcesses(pids: readonly number[], folder: string): Promise<void> {
  const again = processesNaming(folder).map(({ pid }) => pid)
  const ours = [...new Set([...pids, ...again])].filter((pid) => commandOf(pid).includes(folder))
  signal(ours, 'SIGTERM')
  const deadline = Date.now() + 15_000
  while (ours.some((pid) => commandOf(pid).includes(folder)) && Date.now() < deadline) await sleep(50)
  signal(
    ours.filter((pid) => commandOf(pid).includes(folder)),
    'SIGKILL',
  )
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** The processes whose command line contains this text, except this one. */
export function processesNaming(text: string): { readonly pid: number; readonly command: string }[] {
  const { stdout } = spawnSync('ps', ['-ww', '-e', '-o', 'pid=,args='], { encoding: 'utf8', maxBuffer: 64 << 20 })
  return (stdout ?? '').split('\n').flatMap((line) => {
    const [, pid, command = ''] = /^\s*(\d+) (.*)$/.exec(line) ?? []
    return command.includes(text) && Number(pid) !== process.pid ? [{ pid: Number(pid), command }] : []
  })
}

/** The command line of a process; empty if it does not exist, or is a zombie. */
function commandOf(pid: number): string {
  return spawnSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? ''
}

function endOf(log: string): string {
  return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').slice(-20).join('\n') : '(no log)'
}

/** The path of a program on PATH, or in one of the folders; null: none. */
export function findProgram(name: string, folders: readonly string[] = []): string | null {
  const all = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', ...folders]
  return all.map((folder) => join(folder, name)).find(existsSync) ?? null
}

/**
 * Ports of loopback that are free now, below those that systems assign to clients. With `offset`, the port that far above is free too
 * (Redis Cluster talks on port + 10,000).
 */
export async function freePorts(count: number, offset = 0): Promise<number[]> {
  const ports: number[] = []
  while (ports.length < count) {
    const port = 12_000 + Math.floor(Math.random() * 10_000)
    if (ports.includes(port) || !(await isFree(port))) continue
    if (offset === 0 || (await isFree(port + offset))) ports.push(port)
  }
  return ports
}

/** Whether something accepts connections on this port. Tests by connecting: listening could take the port from a server that is about to start. */
export function answersOn(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
