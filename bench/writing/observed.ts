import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Report } from '../harness.ts'

const ROUNDS = 9

/** What the diagnostics channels cost an insert into memory, with and without a subscriber; in alternation, each time in a new process. */
export function observing(report: Report): void {
  const script = fileURLToPath(new URL('observed-process.ts', import.meta.url))
  const timeOf = (mode: string): number =>
    Number(execFileSync(process.execPath, [...process.execArgv, script, mode], { encoding: 'utf8' }))
  const times = { absent: [] as number[], silent: [] as number[], heard: [] as number[] }
  for (let round = 0; round < ROUNDS; round++)
    for (const mode of ['absent', 'silent', 'heard'] as const) times[mode].push(timeOf(mode))
  // What disturbs a run makes it slower: the least time is the steadiest.
  const least = (mode: keyof typeof times): number => Math.min(...times[mode])
  const absent = least('absent')
  report.figure('an insert into memory where there are no diagnostics channels', absent, 'µs', 'processor time')
  report.figure(
    '  with channels that nobody listens to',
    least('silent') / absent,
    'times as long',
    'asked for: no difference',
  )
  report.figure('  with a subscriber on both', least('heard') / absent, 'times as long')
}
