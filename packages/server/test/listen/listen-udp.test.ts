import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { listenUdp } from '../../src/listen/listen-udp.ts'
import { IntakeStats } from '../../src/write/intake-stats.ts'

it('keeps no socket of a port that cannot be listened to', async () => {
  const other = createSocket('udp4')
  await once(other.bind(0, '127.0.0.1'), 'listening')
  const sockets = (): number => process.getActiveResourcesInfo().filter((each) => each === 'UDPWrap').length
  const before = sockets()
  const { port } = other.address()
  const listening = listenUdp({ name: 'x', host: '127.0.0.1', port, stats: new IntakeStats(), open: () => () => {} })
  await expect(listening).rejects.toMatchObject({ code: 'EADDRINUSE' })
  while (sockets() > before) await new Promise((resolve) => setImmediate(resolve))
  other.close()
})
