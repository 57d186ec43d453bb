import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { fileURLToPath } from 'node:url'
import type { Report } from '../harness.ts'
import { medianOf } from '../median.ts'

const REQUESTS = 4_000
const ROUNDS = 9
const CONNECTIONS = 32

/** What five metrics of a request cost a web service that writes them to Redis: its processor time with them and without. */
export async function serving(report: Report, store: string): Promise<void> {
  const script = fileURLToPath(new URL('service-process.ts', import.meta.url))
  const service = spawn(process.execPath, [...process.execArgv, script, store], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  try {
    const [port] = (await once(service.stdout, 'data')) as [Buffer]
    const ask = (path: string): Promise<string> => answerOf(agent, Number(String(port)), path)
    const requestsOf = async (kind: string): Promise<number> => {
      const before = Number(await ask('/used'))
      let made = 0
      const client = async (): Promise<void> => {
        while (made < REQUESTS) await ask(`/${kind}/${made++ % 20}`)
      }
      await Promise.all(Array.from({ length: CONNECTIONS }, client))
      return (Number(await ask('/used')) - before) / REQUESTS
    }
    const [without, counted]: [number[], number[]] = [[], []]
    for (let round = -2; round < ROUNDS; round++) {
      const pair = [await requestsOf('plain'), await requestsOf('counted')] as const
      if (round < 0) continue
      without.push(pair[0])
      counted.push(pair[1])
    }
    const differences = counted.map((time, round) => time - without[round]!)
    report.figure('a web request without metrics', medianOf(without), 'µs', 'processor time of the service')
    report.figure('  with five metrics, written to Redis', medianOf(counted), 'µs')
    report.figure('  the difference', medianOf(differences), 'µs', 'asked for: at most 10')
  } finally {
    agent.destroy()
    service.kill()
  }
}

function answerOf(agent: Agent, port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ agent, host: '127.0.0.1', port, path }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text
      })
      response.on('end', () => resolve(body))
    })
    request.on('error', reject)
  })
}
