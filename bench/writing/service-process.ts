import { createServer } from 'node:http'
import { createTimeseries } from '@kairos/core'

// node service-process.ts STORE: a web service that counts five metrics of each request whose path begins with /counted; /used answers with its
// processor time so far, in microseconds. See docs/guide/counting-in-a-web-service.md.
const [, , store = 'memory:'] = process.argv
const intervals = { minute: { step: 60, steps: 1440 }, day: { step: 'daily', resolution: '1h' } } as const
const counts = (name: string) => createTimeseries(store, { name, type: 'count', intervals }).buffer()
const numbers = (name: string) =>
  createTimeseries(store, { name, type: 'histogram', valueType: 'int', intervals }).buffer()
const [views, bytes] = [counts('views'), counts('bytes')]
const [statuses, times] = [numbers('statuses'), numbers('milliseconds')]
const visitors = createTimeseries(store, { name: 'visitors', type: 'set', valueType: 'inet', intervals }).buffer()
let requests = 0

const server = createServer((request, response) => {
  const path = request.url!
  if (path === '/used') {
    const { user, system } = process.cpuUsage()
    response.end(String(user + system))
    return
  }
  const began = performance.now()
  response.end('hello')
  if (!path.startsWith('/counted')) return
  requests++
  views.add(path)
  bytes.add(path, 1_024)
  statuses.add(path, 200)
  times.add(path, Math.round(performance.now() - began))
  visitors.add(path, `192.0.2.${requests % 100}`)
})
server.listen(0, '127.0.0.1', () => console.log((server.address() as { port: number }).port))
