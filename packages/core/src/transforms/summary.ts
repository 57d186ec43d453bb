import type { Summary } from '../api/sketches.ts'
import type { OwnTransforms } from '../types/rules.ts'

/** What a summary answers; its data may be null. */
const MAKERS = {
  count: (data) => data?.count ?? 0,
  rate: (data, seconds) => (data?.count ?? 0) / seconds,
  sum: (data) => data?.sum ?? 0,
  mean: (data) => (data === null ? null : data.sum / data.count),
  min: (data) => data?.min ?? null,
  max: (data) => data?.max ?? null,
  range: (data) => (data === null ? null : data.max - data.min),
  last: (data) => data?.last ?? null,
} satisfies Readonly<Record<string, (data: Summary | null, seconds: number) => number | null>>

export const summaryTransforms: OwnTransforms = {
  known: Object.keys(MAKERS),
  named(name) {
    const make = MAKERS[name as keyof typeof MAKERS]
    return (data, seconds) => make(data as Summary | null, seconds)
  },
}
