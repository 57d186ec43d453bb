import type { Calculator } from './calculator.ts'
import { civilFromDays, daysFromCivil, daysInMonth, isLeapYear, startOfYear, weekday } from './civil.ts'
import type { LocalDays } from './local-days.ts'
import type { CalendarWord } from './step.ts'

/** What a calendar must define; seconds and validity follow from it. Everything accepts integers that are not buckets, as in Calculator. */
interface Calendar {
  bucketOfDay(day: number): number
  /** First day of a bucket; for an integer that is not a bucket, that of the next one. */
  dayOf(bucket: number): number
  ordinalOf(bucket: number): number
  bucketAt(ordinal: number): number
}

/** The digits of a bucket below its year: 20240229 is 2024 and 229. Floors, so that years before 1 keep their order. */
function split(bucket: number, scale: number): [year: number, rest: number] {
  const year = Math.floor(bucket / scale)
  return [year, bucket - year * scale]
}

const yearly: Calendar = {
  bucketOfDay: (day) => civilFromDays(day).year,
  dayOf: startOfYear,
  ordinalOf: (bucket) => bucket,
  bucketAt: (ordinal) => ordinal,
}

const monthly: Calendar = {
  bucketOfDay(day) {
    const { year, month } = civilFromDays(day)
    return year * 100 + month
  },
  dayOf(bucket) {
    const [year, month] = split(monthly.ordinalOf(bucket), 12)
    return daysFromCivil(year, month + 1, 1)
  },
  ordinalOf(bucket) {
    const [year, month] = split(bucket, 100)
    return year * 12 + Math.min(Math.max(month - 1, 0), 12)
  },
  bucketAt(ordinal) {
    const [year, month] = split(ordinal, 12)
    return year * 100 + month + 1
  },
}

const quarterly: Calendar = {
  bucketOfDay(day) {
    const { year, month } = civilFromDays(day)
    return year * 10 + Math.ceil(month / 3)
  },
  dayOf(bucket) {
    const [year, quarter] = split(quarterly.ordinalOf(bucket), 4)
    return daysFromCivil(year, quarter * 3 + 1, 1)
  },
  ordinalOf(bucket) {
    const [year, quarter] = split(bucket, 10)
    return year * 4 + Math.min(Math.max(quarter - 1, 0), 4)
  },
  bucketAt(ordinal) {
    const [year, quarter] = split(ordinal, 4)
    return year * 10 + quarter + 1
  },
}

const daily: Calendar = {
  bucketOfDay(day) {
    const { year, month, day: dayOfMonth } = civilFromDays(day)
    return year * 10_000 + month * 100 + dayOfMonth
  },
  dayOf: (bucket) => daily.ordinalOf(bucket),
  ordinalOf(bucket) {
    const [year, rest] = split(bucket, 10_000)
    const [month, day] = split(rest, 100)
    if (month === 0) return startOfYear(year)
    if (month > 12) return startOfYear(year + 1)
    return daysFromCivil(year, month, 1) + Math.min(Math.max(day - 1, 0), daysInMonth(year, month))
  },
  bucketAt: (ordinal) => daily.bucketOfDay(ordinal),
}

/** Every year has 53 weekly buckets, part-weeks included; a leap year that begins on a Saturday has 54. */
function hasExtraWeek(year: number): boolean {
  return isLeapYear(year) && weekday(startOfYear(year)) === 6
}

/** How many years with 54 weekly buckets lie in the first n years of a Gregorian cycle of 400 years, whose weekdays repeat exactly. */
const extraWeeksBefore: readonly number[] = (() => {
  const before = [0]
  for (let year = 0; year < 400; year++) before.push(before[year]! + (hasExtraWeek(year) ? 1 : 0))
  return before
})()

function weeksBefore(year: number): number {
  const [cycle, yearOfCycle] = split(year, 400)
  return 53 * year + cycle * extraWeeksBefore[400]! + extraWeeksBefore[yearOfCycle]!
}

/** The number of January 1's week, like strftime %U: 1 if the year begins on a Sunday, otherwise 0. */
function firstWeek(year: number): number {
  return weekday(startOfYear(year)) === 0 ? 1 : 0
}

const weekly: Calendar = {
  bucketOfDay(day) {
    const { year } = civilFromDays(day)
    return year * 100 + Math.floor((day - startOfYear(year) + 7 - weekday(day)) / 7)
  },
  dayOf(bucket) {
    const [year, week] = split(bucket, 100)
    const newYear = startOfYear(year)
    const firstSunday = newYear + ((7 - weekday(newYear)) % 7)
    return week === 0 ? newYear : Math.min(firstSunday + (week - 1) * 7, startOfYear(year + 1))
  },
  ordinalOf(bucket) {
    const [year, week] = split(bucket, 100)
    const inYear = Math.max(week - firstWeek(year), 0)
    return weeksBefore(year) + Math.min(inYear, hasExtraWeek(year) ? 54 : 53)
  },
  bucketAt(ordinal) {
    let year = Math.floor(ordinal / (53 + extraWeeksBefore[400]! / 400))
    while (weeksBefore(year) > ordinal) year--
    while (weeksBefore(year + 1) <= ordinal) year++
    return year * 100 + firstWeek(year) + ordinal - weeksBefore(year)
  },
}

/** The Monday that week 1 of an ISO year begins with: that of the week which has the year's first Thursday, and so January 4. */
function startOfIsoYear(year: number): number {
  const fourth = startOfYear(year) + 3
  return fourth - ((weekday(fourth) + 6) % 7)
}

/** Monday, 1970-01-05. */
const FIRST_MONDAY = 4

/** Weeks from Monday to Sunday, as ISO 8601 numbers them. They ignore New Year, so that they are as regular as days. */
const isoWeekly: Calendar = {
  bucketOfDay: (day) => isoWeekly.bucketAt(Math.floor((day - FIRST_MONDAY) / 7)),
  dayOf: (bucket) => isoWeekly.ordinalOf(bucket) * 7 + FIRST_MONDAY,
  ordinalOf(bucket) {
    const [year, week] = split(bucket, 100)
    const first = (startOfIsoYear(year) - FIRST_MONDAY) / 7
    return Math.min(first + Math.max(week - 1, 0), (startOfIsoYear(year + 1) - FIRST_MONDAY) / 7)
  },
  bucketAt(ordinal) {
    const monday = ordinal * 7 + FIRST_MONDAY
    // The year of its Thursday.
    const { year } = civilFromDays(monday + 3)
    return year * 100 + (monday - startOfIsoYear(year)) / 7 + 1
  },
}

const calendars: Readonly<Record<CalendarWord, Calendar>> = {
  daily,
  weekly,
  'iso-weekly': isoWeekly,
  monthly,
  quarterly,
  yearly,
}

/** Buckets that are the calendar's own units, of these days, read as dates: YYYYMMDD, YYYYWW, YYYYMM, YYYYQ, YYYY. */
export function calendarCalculator(word: CalendarWord, days: LocalDays): Calculator {
  const calendar = word === 'daily' ? withoutMissing(days) : calendars[word]
  return {
    bucketOf: (seconds) => calendar.bucketOfDay(days.dayOf(seconds)),
    startOf: (bucket) => days.startOf(calendar.dayOf(bucket)),
    endOf:
      word === 'daily'
        ? // A day that a zone has skipped begins when the next one does.
          (bucket) => days.startOf(daily.dayOf(bucket) + 1)
        : (bucket) => days.startOf(calendar.dayOf(calendar.bucketAt(calendar.ordinalOf(bucket) + 1))),
    ordinalOf: calendar.ordinalOf,
    bucketAt: calendar.bucketAt,
    isBucket: (bucket) => Number.isSafeInteger(bucket) && calendar.bucketAt(calendar.ordinalOf(bucket)) === bucket,
  }
}

/** Days, some of which a zone may have skipped: those are not buckets, and ordinals continue after them without a gap. */
function withoutMissing(days: LocalDays): Calendar {
  return {
    ...daily,
    ordinalOf(bucket) {
      const day = daily.ordinalOf(bucket)
      // Nearly every zone has had all days.
      if (days.missing.length === 0) return day
      return day - days.missing.filter((missing) => missing < day).length
    },
    bucketAt(ordinal) {
      if (days.missing.length === 0) return daily.bucketAt(ordinal)
      const before = days.missing.filter((missing, index) => missing - index <= ordinal).length
      return daily.bucketAt(ordinal + before)
    },
  }
}
