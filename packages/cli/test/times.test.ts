import { describe, expect, it } from 'vitest'
import { parseTime } from '../src/times/parse-time.ts'
import { showTime } from '../src/times/show-time.ts'

/** 2024-03-31T12:00:00 in Berlin, where the clocks went forward that night. */
const now = Date.UTC(2024, 2, 31, 10) / 1000
const berlin = { now, zone: 'Europe/Berlin' }

describe('a time', () => {
  it.each([
    ['now', now],
    ['1709211600', 1709211600],
    ['1709211600.5', 1709211600.5],
    ['-24h', now - 86_400],
    ['now-90s', now - 90],
    ['+15min', now + 900],
    ['-1m', now - 30 * 86_400],
    ['5 days ago', now - 5 * 86_400],
    ['an hour ago', now - 3_600],
    ['last week', now - 7 * 86_400],
    ['today', Date.UTC(2024, 2, 30, 23) / 1000],
    ['Yesterday', Date.UTC(2024, 2, 29, 23) / 1000],
    ['tomorrow', Date.UTC(2024, 2, 31, 22) / 1000],
    ['2024-02-29', Date.UTC(2024, 1, 28, 23) / 1000],
    ['2024-02-29T13:00', Date.UTC(2024, 1, 29, 12) / 1000],
    ['2024-07-01 13:00:30.5', Date.UTC(2024, 6, 1, 11, 0, 30, 500) / 1000],
    ['2024-02-29T13:00Z', Date.UTC(2024, 1, 29, 13) / 1000],
    ['2024-02-29T13:00:00+05:45', Date.UTC(2024, 1, 29, 7, 15) / 1000],
    // Skipped: the clocks went from 2:00 to 3:00. Shown twice: the first time.
    ['2024-03-31T02:30', Date.UTC(2024, 2, 31, 1, 30) / 1000],
    ['2024-10-27T02:30', Date.UTC(2024, 9, 27, 0, 30) / 1000],
  ])('%s', (text, seconds) => {
    expect(parseTime('--start', text, berlin)).toBe(seconds)
  })

  it.each(['', 'soon', '24h', '2024-02-30', '2024-13-01', '2024-02-29T25:00', '5 parsecs ago', '-5 days', '2024-'])(
    'is not %j',
    (text) => {
      expect(() => parseTime('--start', text, berlin)).toThrow('--start must be a time such as')
    },
  )

  it('is shown by the clocks of a zone', () => {
    expect(showTime(now, 'UTC')).toBe('2024-03-31T10:00:00Z')
    expect(showTime(now + 0.25, 'Europe/Berlin')).toBe('2024-03-31T12:00:00.250+02:00')
    expect(showTime(now, 'America/St_Johns')).toBe('2024-03-31T07:30:00-02:30')
    expect(showTime(-3_000_000_000, 'Africa/Monrovia')).toBe('1874-12-07T17:56:52-00:43:08')
  })
})
