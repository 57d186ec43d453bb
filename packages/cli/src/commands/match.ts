import type { MatchedName } from '@kairos/server'
import { type Command, command } from '../command.ts'
import { outputFlags } from '../flags/output.ts'
import { placeFlags } from '../flags/store.ts'
import { Misuse } from '../misuse.ts'
import type { Column, Row } from '../output/columns.ts'
import { writeRows } from '../output/write-rows.ts'
import { configuration } from '../stores/configuration.ts'

const columns: readonly Column[] = [
  { key: 'name' },
  { key: 'aggregateOf', sparse: true },
  { key: 'timeseries' },
  { key: 'takes' },
  { key: 'storedAs' },
  { key: 'storedValue' },
  { key: 'error', sparse: true },
]

export const matchCommand: Command = command({
  name: 'match',
  summary: 'shows which timeseries of a configuration keep a name, as which kind, and its aggregates',
  details:
    'A name that no timeseries keeps is shown without one; a name that a map drops is shown without a stored name.',
  words: [{ name: 'name', summary: 'names as they are sent', many: true }],
  flags: {
    config: placeFlags.config,
    value: { kind: 'text', value: 'number', summary: 'the value that map is called with (1)' },
    format: outputFlags.format,
  },
  examples: [['kairos match app.response.status.200 --config kairos.config.ts', 'where this name goes']],
  async run(call) {
    const { words, flags, terminal, signal } = call
    const config = await configuration(flags.config)
    if (config === undefined) throw new Misuse('a configuration must be given: --config kairos.config.ts')
    const { matchName } = await import('@kairos/server')
    const value = flags.value === undefined ? 1 : parsed(flags.value)
    const rows = words.flatMap((name) => rowsOf(matchName(config, name, value), undefined))
    await writeRows(terminal, rows, { columns, format: flags.format, zone: 'UTC', signal, nothing: '' })
  },
})

/** A number, or text as it is. */
function parsed(value: string): unknown {
  const number = Number(value)
  return value.trim() === '' || Number.isNaN(number) ? value : number
}

function rowsOf({ name, timeseries, aggregates }: MatchedName, aggregateOf: string | undefined): Row[] {
  const own = timeseries.map(({ timeseries, takes, stored, error }) => ({
    ...{ name, aggregateOf, timeseries, takes, storedAs: stored?.[0], storedValue: stored?.[1] },
    ...(error !== undefined && { error: error instanceof Error ? error.message : String(error) }),
  }))
  return [
    ...(own.length === 0 ? [{ name, aggregateOf }] : own),
    ...aggregates.flatMap((aggregate) => rowsOf(aggregate, name)),
  ]
}
