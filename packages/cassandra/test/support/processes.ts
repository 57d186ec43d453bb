import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Call, Outcome, WriterRequest } from './writer-process.ts'

const FILE = fileURLToPath(new URL('./writer-process.ts', import.meta.url))

/** A separate process that writes or deletes. */
export interface Writer {
  readonly process: ChildProcess
  /** Tells it to end after its current call. */
  end(): void
  /** Resolves when it has opened the store. */
  readonly ready: Promise<void>
  /** Resolves when this many more of its calls have ended like this. */
  makes(calls: number, outcome: Outcome): Promise<void>
  /** What it did; resolves when it has ended. */
  readonly calls: Promise<readonly Call[]>
}

export function startWriter(request: WriterRequest): Writer {
  const child = spawn(process.execPath, ['--conditions=@kairos/source', FILE, JSON.stringify(request)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let last = ''
  let errors = ''
  const lines = createInterface(child.stdout)
  lines.on('line', (line) => {
    last = line
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const closed = once(child, 'close')

  /** Resolves when it has printed this many more of these lines. */
  function prints(line: string, times: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let left = times
      lines.on('line', (printed) => {
        if (printed === line && --left === 0) resolve()
      })
      closed.then(() => reject(new Error(`a writer ended before it had printed ${line} ${times} times:\n${errors}`)))
    })
  }

  const ready = prints('ready', 1)
  // Reported by `calls`, too.
  ready.catch(() => {})
  const calls = closed.then(([code]) => {
    if (code !== 0) throw new Error(`a writer ended with ${code}:\n${errors}`)
    return JSON.parse(last) as Call[]
  })
  calls.catch(() => {})
  return {
    process: child,
    end: () => child.stdin.end(),
    ready,
    makes: (count, outcome) => prints(outcome, count),
    calls,
  }
}

/** How much may be stored of a name after all calls: without deletes, acknowledged <= stored <= acknowledged + maybeApplied. */
export function boundsOf(
  name: string,
  writes: readonly Call[],
  deletes: readonly Call[],
): { least: number; most: number } {
  const of = (calls: readonly Call[]): readonly Call[] =>
    calls.filter((call) => call.name === name && call.outcome !== 'notApplied')
  const done = of(deletes).filter(({ outcome }) => outcome === 'done')
  const lastBegun = done.reduce((latest, { begun }) => Math.max(latest, begun), 0)
  // A delete in doubt may cover everything written before it ended.
  const lastEnded = of(deletes).reduce((latest, { ended }) => Math.max(latest, ended), 0)
  const sum = (calls: readonly Call[]): number => calls.reduce((total, { value }) => total + value, 0)
  return {
    least: sum(of(writes).filter(({ outcome, begun }) => outcome === 'done' && begun > lastEnded)),
    most: sum(of(writes).filter(({ ended }) => ended > lastBegun)),
  }
}
