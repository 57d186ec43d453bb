import { spawn } from 'node:child_process'

/** A command's output, of both streams, and whether it succeeded. */
export interface Outcome {
  readonly ok: boolean
  readonly output: string
}

/** Runs a command quietly, by default in the root of the workspace. */
export function run(command: string, commandArguments: readonly string[], cwd?: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(command, commandArguments, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const collect = (chunk: string) => {
      output += chunk
    }
    child.stdout.setEncoding('utf8').on('data', collect)
    child.stderr.setEncoding('utf8').on('data', collect)
    child.on('error', (error) => resolve({ ok: false, output: `${command}: ${error.message}\n` }))
    child.on('close', (code) => resolve({ ok: code === 0, output }))
  })
}

/** Runs a step of a script: one line when it starts, its duration when it ends, its output only if it fails. */
export async function step(title: string, work: () => Promise<Outcome>): Promise<boolean> {
  process.stdout.write(`${title} … `)
  const start = performance.now()
  const { ok, output } = await work()
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(ok ? `ok, ${seconds} s` : `failed, ${seconds} s\n${output}`)
  return ok
}

/** The outcome of several commands: each one's output, and whether all succeeded. */
export function together(outcomes: readonly Outcome[]): Outcome {
  return {
    ok: outcomes.every(({ ok }) => ok),
    output: outcomes.map(({ output }) => output).join(''),
  }
}
