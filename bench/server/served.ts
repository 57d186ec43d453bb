import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A server in a process of its own. */
export interface Served {
  readonly pid: number
  readonly url: string
  readonly ports: { readonly carbon: number; readonly statsd: number }
  /** A number that it says of itself: the sum of the samples whose lines begin so. */
  metric(start: string): Promise<number>
  stop(): Promise<void>
}

export async function startServed(store: string): Promise<Served> {
  const script = fileURLToPath(new URL('process.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=@kairos/source', script, store], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [text] = (await once(child.stdout, 'data')) as [Buffer]
  const { url, ports } = JSON.parse(text.toString()) as { readonly url: string; readonly ports: Served['ports'] }
  return {
    pid: child.pid!,
    url,
    ports,
    async metric(start) {
      const lines = (await (await fetch(`${url}/metrics`)).text()).split('\n')
      return lines
        .filter((line) => line.startsWith(start))
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
    },
    async stop() {
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}
