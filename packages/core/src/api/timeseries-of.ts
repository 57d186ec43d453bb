import type { DriverOptionTypes, TimeseriesType } from '../contract/cells.ts'
import type { ValueType } from '../values/value-types.ts'
import type { Accepted, IntervalsConfig, ResolutionsIn, Stored, UsualValueType } from './config.ts'
import type { CoarseNames, FineNames, Shape, TransformsOf } from './shape.ts'
import type { Timeseries } from './timeseries.ts'

/** The timeseries that a configuration makes: `const config = { … } as const; let hits: TimeseriesOf<typeof config>`. */
export type TimeseriesOf<
  Config extends { readonly type: TimeseriesType; readonly intervals: IntervalsConfig },
  Options extends DriverOptionTypes = {},
> = Timeseries<
  Shape<
    Config['type'],
    ReadBy<Config>,
    WrittenBy<Config>,
    CoarseNames<ResolutionsIn<Config['intervals']>>,
    FineNames<ResolutionsIn<Config['intervals']>>,
    TransformsOf<Config['type'], ReadBy<Config>, ValueTypeIn<Config>>,
    Options,
    LabelsIn<Config>
  >
>
type ValueTypeIn<Config extends { readonly type: TimeseriesType }> = Config extends {
  readonly valueType: infer VT extends ValueType
}
  ? VT
  : UsualValueType<Config['type']>
type LabelsIn<Config> = Config extends { readonly labels: readonly (infer Label extends string)[] } ? Label : string
type ReadBy<Config extends { readonly type: TimeseriesType }> = Config extends {
  readonly readFunc: (value: never) => infer Value
}
  ? Value
  : Stored<Config['type'], ValueTypeIn<Config>>
type WrittenBy<Config extends { readonly type: TimeseriesType }> = Config extends {
  readonly writeFunc: (value: infer Input) => unknown
}
  ? Input
  : Accepted<Config['type'], ValueTypeIn<Config>>
