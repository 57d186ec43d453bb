import { type Call, type Command, command } from '../command.ts'
import { rangeFlags, TIMES } from '../flags/range.ts'
import { storeFlags } from '../flags/store.ts'
import { Interrupted } from '../interrupted.ts'
import { Misuse } from '../misuse.ts'
import { clockOf, given } from '../reading/prepare.ts'
import type { Opened } from '../stores/opened.ts'
import { withTimeseries } from '../stores/with-timeseries.ts'
import { isSure } from '../terminal/ask.ts'
import { startProgress } from '../terminal/progress.ts'
import { boundsOf } from '../times/parse-time.ts'

export const deleteCommand: Command = command({
  name: 'delete',
  summary: 'deletes names: all of them or a range of their buckets; asks before',
  details: TIMES,
  words: [{ name: 'name', summary: 'names that list shows', many: true, optional: true }],
  flags: {
    ...storeFlags,
    prefix: { kind: 'text', value: 'text', summary: 'the names that begin with it' },
    all: { kind: 'boolean', summary: 'all names' },
    interval: { kind: 'text', value: 'name', summary: 'only in this interval' },
    ...rangeFlags,
    zone: { kind: 'text', value: 'zone', summary: 'the time zone of --start and --end' },
    yes: { kind: 'boolean', summary: 'do not ask' },
  },
  examples: [
    ['kairos delete home --timeseries views --store sqlite:metrics.db', 'a name'],
    ['kairos delete --prefix test. --yes --store sqlite:metrics.db', 'all that begin with test., without a question'],
    ['kairos delete home --interval hour --end 2024-02-29 --store sqlite:metrics.db', 'what is old of a name'],
  ],
  async run(call) {
    const { words, flags, terminal, signal } = call
    const { prefix, all, interval, patience } = flags
    if (words.length === 0 && prefix === undefined && !all)
      throw new Misuse('what to delete must be given: names, --prefix or --all')
    if ([words.length > 0, prefix !== undefined, all].filter(Boolean).length > 1)
      throw new Misuse('only one of names, --prefix and --all must be given')
    await withTimeseries(call, async (opened) => {
      const { start, end } = boundsOf(flags, clockOf(flags.zone, opened))
      // Only what is given: without a start or an end more would be deleted.
      const chosen = given({ start, end, interval })
      const names = words.length > 0 ? words : await namesOf(opened, { prefix, signal, patience })
      const part = Object.keys(chosen).length === 0 ? '' : `the chosen buckets of `
      if (!(await isSure(terminal, `delete ${part}${shown(names)} of ${opened.label}`, flags.yes, signal)))
        return terminal.report('nothing was deleted')
      await deleteNames(opened, names, call, chosen)
      terminal.report(`deleted ${part}${shown(names)}`)
    })
  },
})

async function namesOf({ timeseries }: Opened, options: object): Promise<string[]> {
  const names: string[] = []
  for await (const name of timeseries.names(options)) names.push(name)
  return names
}

async function deleteNames(
  { timeseries }: Opened,
  names: readonly string[],
  { terminal, signal, flags: { patience } }: Pick<Call, 'flags' | 'terminal' | 'signal'>,
  options: object,
): Promise<void> {
  const progress = startProgress(terminal, 'names')
  try {
    for (const [index, name] of names.entries()) {
      if (signal.aborted)
        throw new Interrupted(`${index} of ${names.length} names are deleted: repeat the command to go on`)
      // Not ended by the signal: a name is deleted whole.
      await timeseries.delete(name, { ...options, patience })
      progress.update(index + 1, names.length)
    }
  } finally {
    progress.stop()
  }
}

function shown(names: readonly string[]): string {
  return names.length <= 5
    ? names.join(', ') || 'no names'
    : `${names.length} names (${names.slice(0, 3).join(', ')}, …)`
}
