import { serve } from '@kairos/server'

// node process.ts STORE: serves the timeseries of the benchmark, and says where.
const [, , store = 'memory:'] = process.argv
const intervals = { minute: { step: '1min', steps: 10_080 }, hour: { step: '1h', steps: 17_520 } } as const
const server = await serve(async () => ({
  stores: { main: store },
  timeseries: {
    metrics: { type: 'summary', intervals, match: '**', takes: ['value'] },
    counts: { type: 'count', intervals, match: '**', takes: ['count'] },
    timings: { type: 'distribution', intervals, match: '**', takes: ['timing'] },
    gauges: { type: 'gauge', intervals, match: '**', takes: ['gauge'] },
    members: { type: 'unique', intervals, match: '**', takes: ['member'] },
  },
  server: { port: 0, carbon: { port: 0, picklePort: false }, statsd: { port: 0 } },
}))
console.log(JSON.stringify({ url: server.url, ports: server.ports }))
await server.stopped
