import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Milliseconds of processor time. */
export interface ProcessorTime {
  readonly server: number
  readonly client: number
}

/** What one run takes of each, and how often it was run. */
export interface Work {
  readonly runs: number
  /** Before each run, not counted. */
  readonly prepare?: (() => Promise<unknown>) | undefined
}

/** Of one clock tick of the kernel, in milliseconds: 100 a second on every Linux that Node runs on. */
const TICK = 10

/** Fields of `/proc/PID/stat` from the state on: the name before it may contain spaces and brackets. */
function fieldsOf(pid: number | string): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/** The time that a process has used so far. */
export function timeOfProcess(pid: number): number {
  const fields = fieldsOf(pid)
  return (Number(fields[11]) + Number(fields[12])) * TICK
}

export function parentOf(pid: number): number {
  return Number(fieldsOf(pid)[1])
}

/** The same of a process and of its children, those that have ended included: a PostgreSQL with its sessions and parallel workers. */
export function timeOfFamily(pid: number): number {
  const own = fieldsOf(pid)
  let ticks = Number(own[11]) + Number(own[12]) + Number(own[13]) + Number(own[14])
  for (const child of readdirSync('/proc')) {
    if (!/^\d+$/.test(child)) continue
    try {
      const fields = fieldsOf(child)
      if (Number(fields[1]) === pid) ticks += Number(fields[11]) + Number(fields[12])
    } catch {
      // It has ended meanwhile.
    }
  }
  return ticks * TICK
}

/** The process that listens on a port of this machine. */
export function processListeningOn(port: number): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')} `
  // Columns: number, local and remote address, state (0A: it listens), …, inode.
  const lines = ['tcp', 'tcp6'].flatMap((file) => readFileSync(`/proc/net/${file}`, 'utf8').split('\n'))
  const sockets = lines.filter((line) => line.includes(local) && / 0A /.test(line))
  const links = new Set(sockets.map((line) => `socket:[${line.trim().split(/\s+/)[9]}]`))
  const found = readdirSync('/proc').find((pid) => /^\d+$/.test(pid) && linksOf(pid).some((link) => links.has(link)))
  if (found === undefined) throw new Error(`no process of this machine listens on port ${port}`)
  return Number(found)
}

/** What the open files of a process are; of one that has ended meanwhile, or is another user's, nothing. */
function linksOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((file) => readlinkSync(`/proc/${pid}/fd/${file}`))
  } catch {
    return []
  }
}

/** As `timeOfFamily`, to the nanosecond, of the threads and children that have not ended; fast enough to be read for each call. */
export function preciseTimeOfFamily(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
  return [String(pid), ...children].reduce((sum, each) => sum + preciseTimeOf(each), 0)
}

function preciseTimeOf(pid: string): number {
  let nanoseconds = 0
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`))
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0])
  } catch {
    // It has ended meanwhile.
  }
  return nanoseconds / 1e6
}

/** What this process has used so far. */
export function ownTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** Runs work so often that ticks are fine enough, and returns what one run took. `server`: what the server has used so far. */
export async function processorTimeOf(
  server: () => number,
  work: () => Promise<unknown>,
  { runs, prepare }: Work,
): Promise<ProcessorTime> {
  let [ofServer, client] = [0, 0]
  for (let run = 0; run < runs; run++) {
    await prepare?.()
    const [before, clientBefore] = [server(), ownTime()]
    await work()
    client += ownTime() - clientBefore
    ofServer += server() - before
  }
  return { server: ofServer / runs, client: client / runs }
}
