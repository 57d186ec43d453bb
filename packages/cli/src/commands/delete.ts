import { type Call, type Command, command } from '../command.ts'
import { rangeFlags, TIMES } from '../flags/range.ts'
import { storeFlags } from '../flags/store.ts'
import { Interrupted } from '../interrupted.ts'
import { checkNames, manyFlags, namesAsked, shownNames } from '../reading/names-asked.ts'
import { clockOf, given } from '../reading/prepare.ts'
import type { Opened } from '../stores/opened.ts'
import { withTimeseries } from '../stores/with-timeseries.ts'
import { isSure } from '../terminal/ask.ts'
import { startProgress } from '../terminal/progress.ts'
import { boundsOf } from '../times/parse-time.ts'

export const deleteCommand: Command = command({
  name: 'delete',
  summary: 'deletes names, or a range of their buckets; asks first',
  details: TIMES,
  words: [{ name: 'name', summary: 'names that list shows', many: true, optional: true }],
  flags: {
    ...storeFlags,
    ...manyFlags,
    interval: { kind: 'text', value: 'name', summary: 'only in this interval' },
    ...rangeFlags,
    zone: { kind: 'text', value: 'zone', summary: 'the time zone of --start and --end' },
    yes: { kind: 'boolean', summary: 'do not ask' },
  },
  examples: [
    ['kairos delete home --timeseries views --store sqlite:metrics.db', 'a name'],
    ['kairos delete --prefix test. --yes --store sqlite:metrics.db', 'all that begin with test., without asking'],
    ['kairos delete home --interval hour --end 2024-02-29 --store sqlite:metrics.db', 'the old buckets of a name'],
  ],
  async run(call) {
    const { words, flags, terminal, signal } = call
    const { interval } = flags
    checkNames(words, flags)
    await withTimeseries(call, async (opened) => {
      const { start, end } = boundsOf(flags, clockOf(flags.zone, opened))
      // Only what is given: without a start or an end more would be deleted.
      const chosen = given({ start, end, interval })
      const names: string[] = []
      for await (const name of namesAsked(words, call, opened)) names.push(name)
      const part = Object.keys(chosen).length === 0 ? '' : `the chosen buckets of `
      if (
        names.length > 0 &&
        !(await isSure(terminal, `delete ${part}${shownNames(names)} of ${opened.label}`, flags.yes, signal))
      )
        return terminal.report('nothing was deleted')
      const empty = await emptyOf(opened, names, call, given({ start, end, intervals: interval && [interval] }))
      // All of them: what has expired is not shown, and goes too.
      await deleteNames(opened, names, call, chosen)
      const deleted = names.filter((name) => !empty.has(name))
      if (deleted.length > 0) terminal.report(`deleted ${part}${shownNames(deleted)}`)
      else terminal.report(`nothing was deleted: ${opened.label} has no such data; list shows the names that do`)
      if (deleted.length > 0 && empty.size > 0)
        terminal.report(`there was nothing to delete for ${shownNames([...empty])}`)
    })
  },
})

/** The names of which there is nothing that could be deleted. */
async function emptyOf(
  { timeseries }: Opened,
  names: readonly string[],
  { signal, flags: { patience } }: Pick<Call, 'flags' | 'signal'>,
  choice: object,
): Promise<Set<string>> {
  const empty = new Set(names)
  for (const name of names)
    for await (const _cell of timeseries.cells({ names: name, ...choice, signal, patience })) {
      empty.delete(name)
      break
    }
  return empty
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
        throw new Interrupted(`${index} of ${names.length} names were deleted: repeat the command to continue`)
      // Not ended by the signal: a name is deleted whole.
      await timeseries.delete(name, { ...options, patience })
      progress.update(index + 1, names.length)
    }
  } finally {
    progress.stop()
  }
}
