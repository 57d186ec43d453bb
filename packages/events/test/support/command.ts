import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, vi } from 'vitest'

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url))
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
})

/** Runs the command `kairos-events` in its own process, which ends with the test file at the latest. */
export function run(...args: string[]) {
  const child = spawn(process.execPath, ['--conditions=@kairos/source', CLI, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  const said = { out: '', err: '' }
  child.stdout.on('data', (text) => {
    said.out += text
  })
  child.stderr.on('data', (text) => {
    said.err += text
  })
  return { child, said, exited: once(child, 'exit') as Promise<[number | null, string | null]> }
}

/** Runs `kairos-events serve` on a free port; resolves when it serves. */
export async function serve(...args: string[]) {
  const process = run('serve', '--port', '0', ...args)
  await vi.waitUntil(() => / at http|Error/.test(process.said.out + process.said.err), { timeout: 30_000 })
  const url = / at (http\S+)\n/.exec(process.said.out)?.[1]
  if (url === undefined) throw new Error(process.said.err)
  return { ...process, url }
}
