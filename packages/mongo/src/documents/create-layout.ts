import type { StoreSchema, TimeseriesType } from '@kairos/core/driver'
import type { MongoModule } from '../connection/client.ts'
import { scalarCodec } from '../values/codecs.ts'
import type { ScalarCodec } from '../values/scalar-codec.ts'
import { createHashedLayout } from './hashed-layout.ts'
import type { Layout, OpenIntervals } from './layout.ts'
import { createPackedLayout } from './packed-layout.ts'
import { createSeriesLayout } from './series-layout.ts'
import { createUniqueLayout } from './unique-layout.ts'

export function createLayout(
  type: StoreSchema<TimeseriesType>['type'],
  codec: ScalarCodec,
  module: MongoModule,
  intervals: OpenIntervals,
): Layout {
  switch (type) {
    case 'count':
    case 'gauge':
    case 'summary':
      return createPackedLayout(type, codec, module, intervals)
    case 'histogram':
    case 'set':
      return createHashedLayout(type, codec, module, intervals)
    case 'distribution':
      // Bins are whole numbers, whatever the values are.
      return createHashedLayout('histogram', scalarCodec('int', module), module, intervals)
    case 'series':
      return createSeriesLayout(codec, intervals)
    case 'unique':
      return createUniqueLayout(intervals)
  }
}
