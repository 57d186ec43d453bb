import type { TimeseriesType } from '../contract/cells.ts'
import { count } from './count.ts'
import { gauge } from './gauge.ts'
import { histogram } from './histogram.ts'
import type { TypeRules } from './rules.ts'
import { series } from './series.ts'
import { set } from './set.ts'

export const types: Readonly<Record<TimeseriesType, TypeRules>> = { series, histogram, count, gauge, set }
