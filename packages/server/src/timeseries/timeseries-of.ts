import { DEFAULT_TIMESERIES } from '../config/default-timeseries.ts'
import type { ServerConfig, ServerTimeseriesConfig } from '../config/types.ts'

/** The timeseries of a configuration, or the default ones. */
export function timeseriesOf({
  timeseries = DEFAULT_TIMESERIES,
}: ServerConfig): Readonly<Record<string, ServerTimeseriesConfig>> {
  return timeseries
}
