import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { TimeseriesType } from '@kairos/core/driver'
import type { ProcessOptions } from '../options.ts'

export interface StartedProcess {
  /** Calls back with each line of its output as it arrives. */
  onLine(take: (line: string) => void): void
  /** Ends it at once, without a chance to finish anything. */
  kill(): void
  /** How it ended, and all of its output. */
  readonly ended: Promise<{ readonly code: number | null; readonly said: string }>
}

/** What such a process receives, as JSON in its first argument. */
export interface ProcessRequest {
  /** The module that exports `create`. */
  readonly module: string
  /** The types to write. */
  readonly types: readonly TimeseriesType[]
}

/** Starts a module of this folder in a process of its own. */
export function startProcess<Request extends ProcessRequest>(
  { module, env, execArgv = process.execArgv }: ProcessOptions,
  file: string,
  request: Omit<Request, 'module'>,
): StartedProcess {
  // The same file in the sources and in the build, where only the suffix differs.
  const path = fileURLToPath(new URL(`./${file}.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url))
  const argument = JSON.stringify({ ...request, module: typeof module === 'string' ? module : module.href })
  const child = spawn(process.execPath, [...execArgv, path, argument], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  return {
    onLine(take) {
      let rest = ''
      child.stdout.on('data', (text: string) => {
        const lines = (rest + text).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) take(line)
      })
    },
    kill: () => void child.kill('SIGKILL'),
    ended: once(child, 'close').then(([code]) => ({ code, said })),
  }
}
