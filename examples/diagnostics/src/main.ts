// What happens inside: spans for OpenTelemetry, and metrics for Prometheus, of a timeseries that is written and read.
// Run: node scripts/bootstrap.mjs node --conditions=@kairos/source examples/diagnostics/src/main.ts
import { createTimeseries } from '@kairos/core'
import { BasicTracerProvider, ConsoleSpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { Registry } from 'prom-client'
import { measureKairos } from './metrics.ts'
import { traceKairos } from './tracing.ts'

const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(new ConsoleSpanExporter())] })
const registry = new Registry()
traceKairos(provider.getTracer('kairos'))
measureKairos(registry)

const views = createTimeseries('memory:', { name: 'views', type: 'count', intervals: { minute: { step: 60 } } })
await Promise.all(['/', '/pricing', '/'].map((page) => views.insert(page)))
await views.get('/', 'minute')
await views.close()

console.log(await registry.metrics())
