import type { CheckedConfig } from '@kairos/core/calls'
import type { Consolidation } from './series.ts'

/** One number of a bucket. */
export interface Statistic {
  /** The transform that makes it; null: the bucket is that number. */
  readonly transform: string | null
  readonly consolidation: Consolidation
}

/** Which series a name of a timeseries is. */
export interface Statistics {
  /** That of the name itself; null: it only has those below it. */
  readonly itself: Statistic | null
  /** The nodes below a name that are listed. */
  readonly listed: readonly string[]
  /** By the node below a name, whether it is listed or not. */
  named(node: string): Statistic | undefined
}

const statistic = (transform: string | null, consolidation: Consolidation): Statistic => ({ transform, consolidation })

/** The statistics by the nodes that ask for them; several are called as StatsD calls them. */
const NODES: Readonly<Record<string, Statistic>> = {
  count: statistic('count', 'sum'),
  rate: statistic('rate', 'average'),
  count_ps: statistic('rate', 'average'),
  sum: statistic('sum', 'sum'),
  mean: statistic('mean', 'average'),
  lower: statistic('min', 'min'),
  min: statistic('min', 'min'),
  upper: statistic('max', 'max'),
  max: statistic('max', 'max'),
  range: statistic('range', 'max'),
  median: statistic('p50', 'average'),
  stddev: statistic('stddev', 'average'),
  first: statistic('first', 'first'),
  last: statistic('last', 'last'),
  distinct: statistic('distinct', 'max'),
}
const PERCENTILE = /^(?:p|upper_)(\d{1,3})(?:_(\d{1,6}))?$/
const OF_NUMBERS = ['count', 'rate', 'sum', 'mean', 'lower', 'upper', 'median', 'p75', 'p90', 'p95', 'p99']
const PERCENTILES = 'percentiles'

/** By the name of a node; undefined for one that is not a statistic. */
function statisticOf(node: string): Statistic | undefined {
  if (Object.hasOwn(NODES, node)) return NODES[node]
  const [, whole, fraction] = PERCENTILE.exec(node) ?? []
  if (whole === undefined || Number(`${whole}.${fraction ?? 0}`) > 100) return undefined
  const percent = fraction === undefined ? Number(whole) : Number(`${whole}.${fraction}`)
  return statistic(`p${percent}`, 'average')
}

/** Those of which these are all transforms. */
function statistics(itself: Statistic | null, listed: readonly string[], transforms: readonly string[]): Statistics {
  return {
    itself,
    listed,
    named(node) {
      const found = statisticOf(node)
      const { transform } = found ?? { transform: null }
      if (transform === null) return undefined
      const known = transforms.includes(transform) || (transforms.includes(PERCENTILES) && /^p\d/.test(transform))
      return known ? found : undefined
    },
  }
}

const SUMMARY = ['count', 'rate', 'sum', 'mean', 'min', 'max', 'range', 'last']
const DISTRIBUTION = ['count', 'rate', 'sum', 'mean', 'min', 'max', 'range', PERCENTILES]
const VALUES = ['count', 'sum', 'mean', 'min', 'max', 'range', 'stddev', 'distinct', PERCENTILES]
const NUMBERS = ['float', 'int', 'int64']

function ofNumbers({ valueType }: CheckedConfig): boolean {
  return valueType === null || NUMBERS.includes(valueType)
}

/** The transforms of a timeseries that make a number of a bucket; all percentiles as one. */
export function numberTransforms(config: CheckedConfig): readonly string[] {
  const { type } = config
  if (type === 'count') return ['rate']
  if (type === 'summary') return SUMMARY
  if (type === 'distribution') return DISTRIBUTION
  if (type === 'gauge' || type === 'unique') return []
  if (!ofNumbers(config)) return ['count', 'distinct']
  return type === 'series' ? [...VALUES, 'first', 'last'] : VALUES
}

/** Which series the names of a timeseries are; null: its values are not numbers. */
export function statisticsOf(config: CheckedConfig): Statistics | null {
  const transforms = numberTransforms(config)
  switch (config.type) {
    case 'count':
      return statistics(statistic(null, 'sum'), [], transforms)
    case 'gauge':
      return ofNumbers(config) ? statistics(statistic(null, 'last'), [], transforms) : null
    case 'unique':
      return statistics(statistic(null, 'max'), [], transforms)
    case 'summary':
      return statistics(statistic('mean', 'average'), [], transforms)
    case 'set':
      return statistics(statistic('distinct', 'max'), [], transforms)
    case 'distribution':
      return statistics(null, OF_NUMBERS, transforms)
    case 'histogram':
    case 'series':
      return statistics(null, ofNumbers(config) ? OF_NUMBERS.filter((node) => node !== 'rate') : transforms, transforms)
  }
}

/** A name with a node below it; labels stay at the end. */
export function withStatistic(name: string, node: string): string {
  const labels = name.indexOf(';')
  return labels < 0 ? `${name}.${node}` : `${name.slice(0, labels)}.${node}${name.slice(labels)}`
}
