import { readdirSync, readFileSync } from 'node:fs'

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

/** Runs work so often that ticks are fine enough, and returns what one run took. `server`: what the server has used so far. */
export async function processorTimeOf(
  server: () => number,
  work: () => Promise<unknown>,
  { runs, prepare }: Work,
): Promise<ProcessorTime> {
  let [ofServer, client] = [0, 0]
  for (let run = 0; run < runs; run++) {
    await prepare?.()
    const [before, clientBefore] = [server(), process.cpuUsage()]
    await work()
    const { user, system } = process.cpuUsage(clientBefore)
    ofServer += server() - before
    client += (user + system) / 1000
  }
  return { server: ofServer / runs, client: client / runs }
}
