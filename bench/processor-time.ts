import { readFileSync } from 'node:fs'

/** Milliseconds of processor time. */
export interface ProcessorTime {
  readonly server: number
  readonly client: number
}

/** Of one clock tick of the kernel, in milliseconds: 100 a second on every Linux that Node runs on. */
const TICK = 10

/** Milliseconds of processor time that a process has used so far; its name may contain spaces and brackets, so fields count from the last bracket. */
export function timeOfProcess(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK
}

/** Runs work so often that ticks are fine enough, and returns what one run took. */
export async function processorTimeOf(
  pid: number,
  work: () => Promise<unknown>,
  { runs, prepare }: { readonly runs: number; readonly prepare?: (() => Promise<unknown>) | undefined },
): Promise<ProcessorTime> {
  let [server, client] = [0, 0]
  for (let run = 0; run < runs; run++) {
    await prepare?.()
    const [serverBefore, clientBefore] = [timeOfProcess(pid), process.cpuUsage()]
    await work()
    const { user, system } = process.cpuUsage(clientBefore)
    server += timeOfProcess(pid) - serverBefore
    client += (user + system) / 1000
  }
  return { server: server / runs, client: client / runs }
}
