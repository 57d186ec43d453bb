/** As of servers that report all their metrics every second. */
export function carbonLines(count: number, names: number): string[] {
  const first = Math.floor(Date.now() / 1_000) - Math.floor(count / names)
  return Array.from(
    { length: count },
    (_, index) =>
      `servers.web${index % 100}.cpu.core${Math.floor((index % names) / 100)}.idle ${(index % 1_000) / 10} ${first + Math.floor(index / names)}\n`,
  )
}

/** Counts, timings and gauges, as of a web application. */
export function statsdLines(count: number, names: number): string[] {
  const types = ['c', 'c', 'ms', 'g']
  return Array.from(
    { length: count },
    (_, index) =>
      `app.web${index % 100}.requests${Math.floor((index % names) / 100)}:${index % 997}|${types[index % 4]}\n`,
  )
}
