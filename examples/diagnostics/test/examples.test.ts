import { createTimeseries, memoryDriver } from '@kairos/core'
import { failedWrite, type StorageDriver } from '@kairos/core/driver'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { measureKairos } from '../src/metrics.ts'
import { traceKairos } from '../src/tracing.ts'

const config = { name: 'views', type: 'count', intervals: { minute: { step: 60 } }, now: () => 0 } as const

/** A memory driver, the second write of which is first refused. */
function refusing(): StorageDriver {
  const memory = memoryDriver()
  let writes = 0
  return {
    ...memory,
    async open(...given) {
      const { store, records } = await memory.open(...given)
      const write: typeof store.write = async (batch) => {
        if (++writes === 2) throw failedWrite('busy', { retry: 'now', notApplied: batch.cells })
        return store.write(batch)
      }
      return { records, store: { ...store, write } }
    },
  }
}

async function use(): Promise<void> {
  const views = createTimeseries(refusing(), config)
  await views.open()
  await Promise.all(['/', '/pricing', '/'].map((page) => views.insert(page)))
  await views.get('/', 'minute')
  await views.insert('/', Number.NaN).catch(() => {})
  await views.close()
}

it('OpenTelemetry: a span for each call, with those of its requests below it, and links where calls share one', async () => {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  const end = traceKairos(provider.getTracer('test'))
  await use().finally(end)
  const spans = exporter.getFinishedSpans()
  const nameOf = (id: string | undefined) => spans.find((span) => span.spanContext().spanId === id)?.name
  const told = spans.map(({ name, parentSpanContext, links, attributes }) =>
    [name, nameOf(parentSpanContext?.spanId), links.length, attributes['kairos.outcome']].filter(Boolean).join(' '),
  )
  // Which of two that end in one turn comes first does not matter.
  expect(told.sort()).toEqual(
    [
      'memory open',
      'kairos open',
      'memory write kairos insert',
      'kairos insert',
      'memory write 2 failure',
      'memory write 2',
      'kairos insert',
      'kairos insert',
      'memory read kairos get',
      'kairos get',
      'kairos insert failure',
      'kairos close',
    ].sort(),
  )
  expect(spans.find(({ name }) => name === 'kairos get')?.attributes).toEqual({
    'kairos.timeseries': 'views',
    'kairos.names': ['/'],
    'kairos.cells': 1,
  })
})

it('Prometheus: durations, cells and retries', async () => {
  const registry = new Registry()
  const end = measureKairos(registry)
  await use().finally(end)
  const lines = (await registry.metrics()).split('\n')
  const expected = [
    'kairos_call_duration_seconds_count{timeseries="views",operation="insert",outcome="success"} 3',
    'kairos_call_duration_seconds_count{timeseries="views",operation="insert",outcome="failure"} 1',
    'kairos_cells_total{timeseries="views",operation="insert"} 3',
    'kairos_cells_total{timeseries="views",operation="get"} 1',
    'kairos_store_duration_seconds_count{driver="memory",operation="write",outcome="success"} 2',
    'kairos_store_duration_seconds_count{driver="memory",operation="write",outcome="failure"} 1',
    'kairos_store_retries_total{driver="memory",operation="write"} 1',
  ]
  expect(lines.filter((line) => expected.includes(line)).sort()).toEqual(expected.sort())
})
