import type { StoreSchema, TimeseriesType } from '@kairos/core/driver'
import type { MongoModule } from '../connection/client.ts'
import type { ScalarCodec } from '../values/scalar-codec.ts'
import type { Layout, OpenIntervals } from './layout.ts'
import { createPackedLayout } from './packed-layout.ts'
import { createSeriesLayout } from './series-layout.ts'
import { createUniqueLayout } from './unique-layout.ts'

/** Resolves to a layout, whose code is loaded here where not every app needs it. */
export async function createLayout(
  type: StoreSchema<TimeseriesType>['type'],
  codec: ScalarCodec,
  module: MongoModule,
  intervals: OpenIntervals,
): Promise<Layout> {
  switch (type) {
    case 'count':
    case 'gauge':
    case 'summary':
      return createPackedLayout(type, codec, module, intervals)
    case 'histogram':
    case 'set':
      return (await import('./hashed-layout.ts')).createHashedLayout(type, codec, module, intervals)
    case 'distribution':
      return (await import('./hashed-layout.ts')).createBinnedLayout(module, intervals)
    case 'series':
      return createSeriesLayout(codec, intervals)
    case 'unique':
      return createUniqueLayout(intervals)
  }
}
