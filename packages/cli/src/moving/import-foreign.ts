import {
  type AnyTimeseries,
  type ForeignSource,
  type ImportResult,
  migrate,
  openRedisCounters,
  openRrd,
  openWhisper,
} from '@kairos/move'
import type { Call, Flag } from '../command.ts'
import { type RangeFlags, rangeFlags } from '../flags/range.ts'
import { Interrupted } from '../interrupted.ts'
import { Misuse } from '../misuse.ts'
import { startProgress } from '../terminal/progress.ts'
import { clockIn } from '../times/clock-in.ts'
import { boundsOf } from '../times/parse-time.ts'
import { inFlags } from './in-flags.ts'

/** Data of other programs, one kind at a time. */
export interface ForeignFlags extends RangeFlags {
  readonly redisKeys: Flag<'text'>
  readonly whisper: Flag<'boolean'>
  readonly rrd: Flag<'boolean'>
  readonly cf: Flag<'text'>
  readonly name: Flag<'text'>
  readonly interval: Flag<'list'>
  readonly zone: Flag<'text'>
}

export const foreignFlags: ForeignFlags = {
  redisKeys: {
    kind: 'text',
    value: 'template',
    summary: 'your own counters in Redis, with its URL as the file: views:{name}:{yyyy}{MM}{dd}{HH}',
  },
  whisper: { kind: 'boolean', summary: 'the file is a Whisper file of Graphite, or a folder of them' },
  rrd: { kind: 'boolean', summary: 'the file is what rrdtool dump wrote (XML), or a folder of such files' },
  cf: { kind: 'text', value: 'function', summary: 'with --rrd: AVERAGE (default), MAX, …' },
  name: { kind: 'text', value: 'name', summary: 'with --redis-keys without {name}: the name of the counters' },
  zone: {
    kind: 'text',
    value: 'zone',
    summary: 'the time zone of --redis-keys, --start and --end (UTC)',
  },
  interval: { kind: 'list', value: 'names', summary: 'for data of other programs: only these intervals, with commas' },
  start: { ...rangeFlags.start, summary: 'for data of other programs: from the bucket that holds it' },
  end: { ...rangeFlags.end, summary: 'for data of other programs: to the bucket that holds it' },
}

type ForeignCall = Pick<Call<ForeignFlags>, 'flags' | 'terminal' | 'signal'>

/** Whether the call imports data of another program. @throws Misuse for two kinds */
export function isForeign({ flags: { redisKeys, whisper, rrd } }: ForeignCall): boolean {
  const kinds = [redisKeys, whisper, rrd].filter(Boolean).length
  if (kinds > 1) throw new Misuse('only one of --redis-keys, --whisper and --rrd must be given')
  return kinds === 1
}

/** Sets the cells of a timeseries to what another program has stored; it may be repeated. @throws Misuse */
export async function importForeign(
  timeseries: AnyTimeseries,
  type: string,
  places: readonly string[],
  call: ForeignCall,
): Promise<ImportResult> {
  const { flags, terminal, signal } = call
  if (places.length !== 1) throw new Misuse('one file, folder or URL must be given to import from')
  const clock = clockIn(flags.zone)
  const source = await opened(places[0]!, type, flags)
  const progress = startProgress(terminal, 'names')
  try {
    const { cells, expired } = await migrate(source, timeseries, {
      ...{ intervals: flags.interval, signal, patience: flags.patience },
      ...boundsOf(flags, clock),
      onPlan: ({ notes }) => {
        for (const { text } of notes) terminal.report(text)
      },
      onProgress: ({ names, of }) => progress.update(names, of),
    })
    const lost = source.report()
    for (const { reason, count, examples } of lost) terminal.report(`lost ${count}: ${reason} (${examples.join(', ')})`)
    return { rows: cells + expired, dead: lost.reduce((sum, { count }) => sum + count, 0), stored: cells, expired }
  } catch (error) {
    throw signal.aborted
      ? new Interrupted('repeat the command to start over: nothing is counted twice')
      : inFlags(error)
  } finally {
    progress.stop()
    await source.close()
  }
}

function opened(
  place: string,
  type: string,
  { redisKeys, whisper, cf, name, zone }: ForeignCall['flags'],
): Promise<ForeignSource> {
  if (redisKeys !== undefined) return openRedisCounters(place, { keys: redisKeys, name, zone })
  if (whisper) return openWhisper(place, { type: type === 'count' ? 'count' : 'gauge' })
  return openRrd(place, { cf })
}
