import type { StoreSchema } from '@kairos/core/driver'
import type { MongoModule } from '../connection/client.ts'
import type { ScalarCodec } from '../values/scalar-codec.ts'
import { createHashedLayout } from './hashed-layout.ts'
import type { Layout, OpenIntervals } from './layout.ts'
import { createPackedLayout } from './packed-layout.ts'
import { createSeriesLayout } from './series-layout.ts'

export function createLayout(
  type: StoreSchema['type'],
  codec: ScalarCodec,
  module: MongoModule,
  intervals: OpenIntervals,
): Layout {
  switch (type) {
    case 'count':
    case 'gauge':
      return createPackedLayout(type, codec, module, intervals)
    case 'histogram':
    case 'set':
      return createHashedLayout(type, codec, module, intervals)
    case 'series':
      return createSeriesLayout(codec, intervals)
  }
}
