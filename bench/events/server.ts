import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../../packages/events/src/cli.ts', import.meta.url))

/** A `kairos-events serve` in a separate process. */
export interface ServerProcess {
  readonly url: string
  /** Resident memory in MiB. */
  memory(): number
  stop(): Promise<void>
}

export async function startServer(store: string): Promise<ServerProcess> {
  const args = ['--conditions=@kairos/source', CLI, 'serve', '--store', store, '--port', '0', '--quiet']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const url = await urlOf(child)
  return {
    url,
    memory: () => Number(execFileSync('ps', ['-o', 'rss=', '-p', String(child.pid)], { encoding: 'utf8' })) / 1024,
    async stop() {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  }
}

async function urlOf(child: ChildProcess): Promise<string> {
  let said = ''
  for await (const text of child.stdout!) {
    said += text
    const url = /serving .* at (\S+)\n/.exec(said)?.[1]
    if (url !== undefined) return url
  }
  throw new Error(`the server ended: ${said}`)
}
