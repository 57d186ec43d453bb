import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { serveHttp } from '../../src/node.ts'

it.each<[unknown, string]>([
  [{ port: 65_536 }, 'port'],
  [{ port: '8150' }, 'port'],
  [{ port: null }, 'port'],
  [{ host: 5 }, 'host'],
  [{ prot: 0 }, 'prot'],
  [null, 'serveHttp'],
])('options like %o are refused', async (options, path) => {
  await expect(serveHttp(async () => new Response(), options as never)).rejects.toMatchObject({
    code: 'KAIROS_INVALID_CONFIG',
    path,
  })
})

describe('a server that is stopped', () => {
  it('has answered what was in flight, and ends with it, whatever connections are kept open', async () => {
    let end = (): void => {}
    const working = new Promise<void>((resolve) => {
      end = resolve
    })
    const server = await serveHttp(
      async () => {
        await working
        return new Response('done')
      },
      { port: 0 },
    )
    const idle = connect(server.port, '127.0.0.1')
    const answer = fetch(server.url)
    await new Promise((resolve) => setTimeout(resolve, 100))
    const began = performance.now()
    const stopped = server.stop()
    setTimeout(end, 200)
    expect(await (await answer).text()).toBe('done')
    await stopped
    expect(performance.now() - began).toBeLessThan(4_000)
    idle.destroy()
  })

  it('cuts what is not answered in time', async () => {
    const server = await serveHttp(() => new Promise(() => {}), { port: 0 })
    const answer = fetch(server.url).catch((error: unknown) => error)
    await new Promise((resolve) => setTimeout(resolve, 100))
    await server.stop(100)
    expect(await answer).toBeInstanceOf(TypeError)
  })
})
