const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone)
  if (format === undefined) {
    const numeric = 'numeric'
    format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: zone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23', era: 'short' },
      ...{ year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric },
    })
    formats.set(zone, format)
  }
  return format
}

/** How far the clocks of a zone are ahead of UTC at a moment, in seconds. */
export function zoneOffset(zone: string, seconds: number): number {
  if (zone === 'UTC') return 0
  const whole = Math.floor(seconds)
  const parts = new Map(
    formatOf(zone)
      .formatToParts(whole * 1000)
      .map(({ type, value }) => [type, value]),
  )
  const number = (part: Intl.DateTimeFormatPartTypes): number => Number(parts.get(part))
  const year = parts.get('era') === 'BC' ? 1 - number('year') : number('year')
  const shown = new Date(0)
  shown.setUTCFullYear(year, number('month') - 1, number('day'))
  shown.setUTCHours(number('hour'), number('minute'), number('second'))
  return shown.getTime() / 1000 - whole
}
