import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Call, WriterRequest } from './writer-process.ts'

const FILE = fileURLToPath(new URL('./writer-process.ts', import.meta.url))

/** A process of its own that writes or deletes. */
export interface Writer {
  readonly process: ChildProcess
  /** Tells it to end when its call under way has. */
  end(): void
  /** When it has opened the store. */
  readonly ready: Promise<void>
  /** What it did, when it has ended as it was told. */
  readonly calls: Promise<readonly Call[]>
}

export function startWriter(request: WriterRequest): Writer {
  const child = spawn(process.execPath, ['--conditions=@kairos/source', FILE, JSON.stringify(request)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let said = ''
  let complaints = ''
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.includes('ready\n')) resolve()
    })
    child.on('close', () => reject(new Error(`a writer ended before it was ready:\n${complaints}`)))
  })
  // Who waits for the end hears of it there.
  ready.catch(() => {})
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
  })
  const calls = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`a writer ended with ${code}:\n${complaints}`)
    return JSON.parse(said.slice(said.indexOf('\n') + 1)) as Call[]
  })
  calls.catch(() => {})
  return { process: child, end: () => child.stdin.end(), ready, calls }
}

/** How much may be stored of a name, given every call there was: without deletes, acknowledged <= stored <= acknowledged + maybe. */
export function boundsOf(
  name: string,
  writes: readonly Call[],
  deletes: readonly Call[],
): { least: number; most: number } {
  const of = (calls: readonly Call[]): readonly Call[] =>
    calls.filter((call) => call.name === name && call.outcome !== 'notApplied')
  const done = of(deletes).filter(({ outcome }) => outcome === 'done')
  const lastBegun = done.reduce((latest, { begun }) => Math.max(latest, begun), 0)
  // A delete of which nobody knows may cover all that was written before it ended.
  const lastEnded = of(deletes).reduce((latest, { ended }) => Math.max(latest, ended), 0)
  const sum = (calls: readonly Call[]): number => calls.reduce((total, { value }) => total + value, 0)
  return {
    least: sum(of(writes).filter(({ outcome, begun }) => outcome === 'done' && begun > lastEnded)),
    most: sum(of(writes).filter(({ ended }) => ended > lastBegun)),
  }
}
