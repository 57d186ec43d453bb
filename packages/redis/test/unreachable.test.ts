import { createServer, type Server, type Socket } from 'node:net'
import type { StoreFailure } from '@kairos/core/driver'
import { afterEach, describe, expect, it } from 'vitest'
import { freePorts } from '../../../scripts/servers/processes.ts'
import { redisDriver } from '../src/index.ts'

const SCHEMA = { type: 'count', valueType: 'float', record: '', facts: '{}', intervals: {} } as const

const opened: (() => unknown)[] = []
afterEach(async () => {
  for (const close of opened.splice(0)) await close()
})

/** A server that accepts connections and never answers. */
async function startSilence(): Promise<number> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.resume()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  opened.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as { port: number }).port
}

/** One attempt to open, which core would repeat for half a minute. */
function openOnce(url: string, timeout = 10_000) {
  const driver = redisDriver(url, { timeout })
  opened.push(() => driver.close())
  return (): Promise<StoreFailure> =>
    driver.open(SCHEMA).then(
      () => expect.unreachable(),
      (reason) => reason,
    )
}

describe('Sentinels that cannot tell where the master is', () => {
  it('that are down are named, each with its reason', async () => {
    const ports = await freePorts(3)
    const attempt = openOnce(`redis+sentinel://${ports.map((port) => `127.0.0.1:${port}`).join(',')}/main`)
    // An attempt may begin in the middle of the client's round of Sentinels.
    for (let turn = 0; turn < 3; turn++) {
      const { message, retry } = await attempt()
      expect(message).toMatch(/^the connection could not be made/)
      for (const port of ports) expect(message).toContain(`127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}`)
      expect(retry).toBe('later')
    }
  })

  it('that accept the connection and never answer end each attempt within the timeout, and are named', async () => {
    const silent = await startSilence()
    const attempt = openOnce(`redis+sentinel://127.0.0.1:${silent}/main`, 300)
    const started = performance.now()
    await attempt()
    const { message, retry } = await attempt()
    expect(message).toContain(`127.0.0.1:${silent}: Command timed out`)
    expect(retry).toBe('later')
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})

describe('a cluster that cannot be reached', () => {
  it('reports what went wrong at its nodes', async () => {
    const [port] = await freePorts(1)
    const { message, retry } = await openOnce(`redis+cluster://127.0.0.1:${port}`)()
    expect(message).toContain(`ECONNREFUSED 127.0.0.1:${port}`)
    expect(retry).toBe('later')
  })
})

it('a server that accepts the connection and never answers ends each attempt within the timeout', async () => {
  const attempt = openOnce(`redis://127.0.0.1:${await startSilence()}`, 300)
  const started = performance.now()
  expect(await attempt()).toMatchObject({ retry: 'later', message: expect.stringContaining('no connection within') })
  expect(performance.now() - started).toBeLessThan(5_000)
})
