import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEventClient } from '@kairos/events'
import type { Report } from '../harness.ts'
import type { Suite } from '../suite.ts'
import { type ServerProcess, startServer } from './server.ts'

const EVENTS = 1_000_000
const BATCH = 1_000
const CONNECTIONS = 2
/** The first event's time: 2024-05-06, in ticks; then one every 100 microseconds. */
const START = 17_149_536_000_000_000n
const STEP = 1_000n

/** A million events in one stream over HTTP: a server's throughput and memory. Client and server share the machine. */
export const suite: Suite = {
  servers: [],
  async run(report) {
    const folder = mkdtempSync(join(tmpdir(), 'kairos-bench-'))
    try {
      await measure(report, 'memory', 'memory:')
      await measure(report, 'SQLite', `sqlite:${join(folder, 'events.db')}`)
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

async function measure(report: Report, name: string, store: string): Promise<void> {
  const server = await startServer(store)
  const agent = new Agent({ keepAlive: true })
  try {
    report.figure(`${name}: resident memory before`, server.memory(), 'MiB')
    report.figure(
      `${name}: put, batches of 1,000 on two connections`,
      await rate(() => putAll(server, agent)),
      'events/s',
    )
    report.figure(`${name}: resident memory after a million events`, server.memory(), 'MiB')
    for (const order of ['ascending', 'descending']) {
      report.figure(`${name}: get, ${order}`, await rate(() => readRaw(server, agent, order)), 'events/s')
      report.figure(`${name}: resident memory after it`, server.memory(), 'MiB')
    }
    report.figure(`${name}: get by createEventClient, parsed`, await rate(() => readParsed(server)), 'events/s')
    report.figure(`${name}: resident memory in the end`, server.memory(), 'MiB')
  } finally {
    agent.destroy()
    await server.stop()
  }
}

async function rate(work: () => Promise<number>): Promise<number> {
  const start = performance.now()
  const events = await work()
  if (events !== EVENTS) throw new Error(`${events} events instead of ${EVENTS}`)
  return events / ((performance.now() - start) / 1000)
}

async function putAll(server: ServerProcess, agent: Agent): Promise<number> {
  let next = 0
  let inserted = 0
  const connection = async (): Promise<void> => {
    while (next < EVENTS) {
      const from = next
      next += BATCH
      let answer = ''
      await post(server, agent, '/1.0/events/put', batchFrom(from), (piece) => {
        answer += piece.toString()
      })
      inserted += insertedBy(answer)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, connection))
  return inserted
}

function insertedBy(answer: string): number {
  const { bench } = JSON.parse(answer) as { bench: Record<string, { num_inserted: number }> }
  return Object.values(bench)[0]!.num_inserted
}

/** As PyKronos writes it, with what it adds. */
function batchFrom(from: number): string {
  const events = Array.from({ length: BATCH }, (_, offset) => {
    const index = from + offset
    const library = '{"version": "0.6.2", "name": "pykronos"}'
    return `{"@time": ${START + BigInt(index) * STEP}, "page": "/page/${index % 100}", "took": ${index / 7}, "user": "user-${index % 5_000}", "@library": ${library}}`
  })
  return `{"events": {"bench": [${events.join(', ')}]}}`
}

async function readRaw(server: ServerProcess, agent: Agent, order: string): Promise<number> {
  let lines = 0
  const body = `{"stream": "bench", "end_time": ${START * 2n}, "order": "${order}"}`
  await post(server, agent, '/1.0/events/get', body, (piece) => {
    for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) lines++
  })
  return lines
}

async function readParsed(server: ServerProcess): Promise<number> {
  let events = 0
  for await (const event of createEventClient(server.url).get('bench')) if (event.page !== undefined) events++
  return events
}

function post(
  server: ServerProcess,
  agent: Agent,
  path: string,
  body: string,
  onPiece: (piece: Buffer) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(`${server.url}${path}`, { method: 'POST', agent }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`))
      response.on('data', onPiece)
      response.on('end', resolve)
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
