import { createTimeseries } from '@kairos/core'
import { type MigrateOptions, type MigrationResult, migrate } from '@kairos/move'
import type { Call, Flag } from '../command.ts'
import type { RangeFlags } from '../flags/range.ts'
import { Interrupted } from '../interrupted.ts'
import { Failed, Misuse } from '../misuse.ts'
import type { Row } from '../output/columns.ts'
import { startProgress } from '../terminal/progress.ts'
import { clockIn } from '../times/clock-in.ts'
import { boundsOf, timeOf } from '../times/parse-time.ts'
import { movesOf } from './ends.ts'
import { inFlags } from './in-flags.ts'
import type { EndFlags, Move } from './move.ts'
import { pairsOf } from './pairs.ts'

interface MigrateFlags extends EndFlags, RangeFlags {
  readonly names: Flag<'texts'>
  readonly prefix: Flag<'text'>
  readonly match: Flag<'text'>
  readonly interval: Flag<'list'>
  readonly sources: Flag<'list'>
  readonly since: Flag<'text'>
  readonly zone: Flag<'text'>
  readonly parallel: Flag<'whole'>
  readonly dryRun: Flag<'boolean'>
  readonly verify: Flag<'boolean'>
  readonly state: Flag<'text'>
  readonly resume: Flag<'boolean'>
}
const SOURCES = 'an interval of the target and one of the source, such as day=minute'

type MigrateCall = Pick<Call<MigrateFlags>, 'flags' | 'signal' | 'env' | 'terminal'>

/** Moves one timeseries after the other, and gives a row for each; with `dryRun` one for each interval. */
export async function migrateAll(call: MigrateCall): Promise<Row[]> {
  const rows: Row[] = []
  const unequal: string[] = []
  const options = optionsOf(call)
  await movesOf(call, async (move, isOnly) => {
    const result = await moveOne(move, { ...options, state: stateOf(call, move.label, isOnly) }, call)
    rows.push(...rowsOf(move.label, result, call.flags.dryRun === true))
    if (result.verified?.equal === false) unequal.push(move.label)
  })
  if (unequal.length > 0)
    throw new Failed(`the copies of ${unequal.join(', ')} differ from their sources: was either being written to?`)
  return rows
}

/** @throws Misuse */
function optionsOf({ flags, signal }: MigrateCall): MigrateOptions {
  const { names, prefix, match, interval, parallel, dryRun, verify, resume, patience } = flags
  if (resume && flags.state === undefined)
    throw new Misuse('--resume must be used with the --state of the run that was interrupted')
  const clock = clockIn(flags.zone)
  return {
    ...{ names, prefix, match: match === undefined ? undefined : patternOf(match), intervals: interval },
    from: flags.sources && pairsOf('--sources', SOURCES, flags.sources),
    ...boundsOf(flags, clock),
    ...{ since: timeOf('--since', flags.since, clock), parallel, dryRun, verify, resume, signal, patience },
  }
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text, 'u')
  } catch (error) {
    throw new Misuse(`--match must be a regular expression: ${(error as Error).message}`)
  }
}

function stateOf({ flags: { state } }: MigrateCall, label: string, isOnly: boolean): string | undefined {
  return state === undefined || isOnly ? state : `${state}.${label}`
}

async function moveOne(
  { label, source, config, to, lost }: Move,
  options: MigrateOptions,
  { terminal, signal }: MigrateCall,
): Promise<MigrationResult> {
  const target = createTimeseries(to, config as never)
  const progress = startProgress(terminal, `names of ${label}`)
  // Comparing reads the source again, which finds the same once more.
  let copied: string[] | undefined
  try {
    const result = await migrate(source, target, {
      ...options,
      onPlan: ({ notes }) => {
        for (const { text } of notes) terminal.report(`${label}: ${text}`)
      },
      onProgress: ({ phase, names, of }) => {
        if (phase === 'copy') copied = lost?.()
        progress.update(names, of)
      },
    })
    for (const line of copied ?? lost?.() ?? []) terminal.report(`${label}: ${line}`)
    return result
  } catch (error) {
    throw signal.aborted ? new Interrupted(howToGoOn(options.state)) : inFlags(error)
  } finally {
    progress.stop()
    await target.close()
  }
}

function howToGoOn(state: string | undefined): string {
  return state === undefined
    ? 'repeat the command to start over: nothing is counted twice; with --state FILE it could continue'
    : 'run the same command with --resume to continue'
}

function rowsOf(
  timeseries: string,
  { plan, names, cells, expired, started, verified }: MigrationResult,
  dryRun: boolean,
): Row[] {
  if (dryRun) return plan.intervals.map((each) => ({ timeseries, names: plan.names, ...each }))
  return [{ timeseries, names, cells, expired, started, digest: verified?.target.digest }]
}
