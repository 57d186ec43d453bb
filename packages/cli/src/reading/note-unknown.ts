import type { Call } from '../command.ts'
import type { Opened } from '../stores/opened.ts'

/** Says to a person which of the names have no data at all: most likely they are typed wrong. */
export async function noteUnknown(
  { terminal, signal, flags }: Pick<Call, 'terminal' | 'signal' | 'flags'>,
  { timeseries, label }: Opened,
  names: readonly string[],
): Promise<void> {
  if (!terminal.reportsAreSeen) return
  for (const name of names) {
    const extents = await timeseries.properties(name, { signal, patience: flags.patience })
    if (Object.keys(extents).length === 0)
      terminal.note(`${name} has no data in ${label}: list shows the names that do`)
  }
}
