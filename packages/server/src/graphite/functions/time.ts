import { parseAtTime } from '../at-time.ts'
import { eachMade } from '../each-made.ts'
import { type Family, graphiteFunction } from '../graphite-function.ts'
import { boolean, date, integer, interval, optional, series, shift, source, suggesting } from '../params.ts'
import type { Scope } from '../scope.ts'
import type { Series } from '../series.ts'

/** By how many seconds a time moves; `local`: so that it stays the same time of day. */
function moved(seconds: number, by: number, local: boolean, { clock }: Scope): number {
  return local ? clock.instantOf(clock.localOf(seconds) + by) : seconds + by
}

export const timeFunctions: Family = {
  timeShift: graphiteFunction({
    group: 'Transform',
    description:
      'Series from another time, such as "1d" earlier, or "+1h" later; alignDst keeps the time of day when clocks change.',
    params: {
      seriesList: source,
      timeShift: suggesting(shift, '1h', '6h', '12h', '1d', '2d', '7d', '14d', '30d'),
      resetEnd: optional(boolean, true),
      alignDst: optional(boolean, false),
    },
    async run({ seriesList, timeShift, resetEnd, alignDst }, scope) {
      const back = /^\d/.test(timeShift.text)
      const by = back ? -timeShift.seconds : timeShift.seconds
      const { start, end } = scope.range
      const from = moved(start, by, alignDst, scope)
      const list = await seriesList.at({ start: from, end: moved(end, by, alignDst, scope) })
      return list.map((series): Series => {
        const begins = series.start - from + start
        return {
          ...series,
          name: `timeShift(${series.name}, "${back ? '-' : ''}${timeShift.text}")`,
          start: begins,
          end: resetEnd ? Math.max(end, begins) : series.end - series.start + begins,
        }
      })
    },
  }),
  timeStack: graphiteFunction({
    group: 'Transform',
    description:
      'Series from several times on top of each other: shifted by the unit times each number from timeShiftStart to before timeShiftEnd.',
    params: {
      seriesList: source,
      timeShiftUnit: optional(suggesting(interval, '1h', '1d', '7d'), { text: '1d', seconds: 86_400 }),
      timeShiftStart: optional(integer, 0),
      timeShiftEnd: optional(integer, 7),
    },
    async run({ seriesList, timeShiftUnit: { text, seconds }, timeShiftStart, timeShiftEnd }, scope) {
      const { start, end } = scope.range
      const shown = text.replace(/^(?=\d)/, '-')
      const stacked: Series[] = []
      for (let times = timeShiftStart; times < timeShiftEnd; times++) {
        scope.spend(1)
        const by = (text.startsWith('+') ? seconds : -seconds) * times
        for (const series of await seriesList.at({ start: start + by, end: end + by })) {
          const name = `timeShift(${series.name}, ${shown}, ${times})`
          stacked.push({ ...series, name, path: name, start: series.start - by, end: series.end - by })
        }
      }
      return stacked
    },
  }),
  timeSlice: graphiteFunction({
    group: 'Transform',
    description: 'Only the values from one time to another.',
    params: { seriesList: series, startSliceAt: date, endSliceAt: optional(date, 'now') },
    run({ seriesList, startSliceAt, endSliceAt }, scope) {
      const { clock, now } = scope
      const from = parseAtTime(startSliceAt, clock, now)
      const until = parseAtTime(endSliceAt, clock, now)
      return eachMade(seriesList, scope, (series) => [
        {
          ...series,
          name: `timeSlice(${series.name}, ${Math.floor(from)}, ${Math.floor(until)})`,
          values: series.values.map((value, at) => {
            const time = series.start + at * series.step
            return time < from || time > until ? null : value
          }),
        },
      ])
    },
  }),
}
