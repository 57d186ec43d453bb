import { type Command, command } from '../command.ts'
import { nameFlags } from '../flags/choice.ts'
import { outputFlags } from '../flags/output.ts'
import { rangeFlags, TIMES } from '../flags/range.ts'
import { migrateAll } from '../moving/migrate-all.ts'
import type { Column } from '../output/columns.ts'
import { writeRows } from '../output/write-rows.ts'

const DONE: readonly Column[] = [
  { key: 'timeseries' },
  { key: 'names' },
  { key: 'cells' },
  { key: 'expired' },
  { key: 'started' },
  { key: 'digest', sparse: true },
]
const PLANNED: readonly Column[] = [
  { key: 'timeseries' },
  { key: 'names' },
  { key: 'interval' },
  { key: 'from' },
  { key: 'how' },
]

export const migrateCommand: Command = command({
  name: 'migrate',
  summary: 'moves timeseries from any store to any other',
  details: `Without --timeseries, it moves all timeseries of the source, as they are recorded there; with --config those of the configuration, into its intervals, zones and types: from the same interval, otherwise from the finest that reaches back far enough. Each cell of the target is set to what the source holds, so a migration can be repeated. What cannot be carried over exactly is reported before anything is written.

If the source is still being written to: migrate while it runs, stop the writers, migrate again with --since and the time that the first run shows as started, and start the writers on the new store.

What Python kairos 0.10 stored is read with --from kairos-py+redis://…, kairos-py+mongodb://…, kairos-py+sqlite:… and a --config that names its timeseries.

${TIMES}`,
  words: [],
  flags: {
    from: { kind: 'text', value: 'url', summary: 'the store to read, or the name of a configured one' },
    to: { kind: 'text', value: 'url', summary: 'the store to write, or the name of a configured one' },
    config: { kind: 'texts', value: 'file', summary: 'a configuration of stores and of the timeseries at the target' },
    timeseries: { kind: 'text', value: 'name', summary: 'only this one' },
    ...nameFlags,
    match: { kind: 'text', value: 'regexp', summary: 'only names that match' },
    interval: { kind: 'list', value: 'names', summary: 'only these intervals of the target, with commas' },
    sources: {
      kind: 'list',
      value: 'pairs',
      summary: 'what an interval is filled from: day=minute; default: the same, otherwise the finest that fits',
    },
    ...rangeFlags,
    since: { kind: 'text', value: 'time', summary: 'only buckets that may have changed since' },
    zone: outputFlags.zone,
    parallel: { kind: 'whole', value: 'count', summary: 'how many groups of 500 names at once (4)' },
    dryRun: { kind: 'boolean', summary: 'only show what would be done' },
    verify: { kind: 'boolean', summary: 'read both sides afterwards and compare their digests' },
    state: {
      kind: 'text',
      value: 'file',
      summary: 'record the progress here; for several timeseries, in FILE.NAME',
    },
    resume: { kind: 'boolean', summary: 'continue where --state left off, even if the process was killed' },
    fromPrefix: { kind: 'text', value: 'text', summary: 'for Python kairos in Redis: its prefix' },
    fromTable: { kind: 'text', value: 'name', summary: 'for Python kairos in SQL: its table_name' },
    fromDatabase: { kind: 'text', value: 'name', summary: 'for Python kairos in MongoDB: its database' },
    fromEscape: { kind: 'text', value: 'text', summary: 'for Python kairos in MongoDB: its escape_character' },
    fromResolution: {
      kind: 'list',
      value: 'pairs',
      summary: 'for Python kairos: the resolutions of its intervals, if --config has others or none: odd=300',
    },
    format: outputFlags.format,
  },
  examples: [
    ['kairos migrate --from sqlite:metrics.db --to postgres://localhost/metrics --dry-run', 'what would be moved'],
    ['kairos migrate --from sqlite:metrics.db --to redis://localhost --verify', 'moves it, and compares both'],
    ['kairos migrate --from redis://old --to redis://new --state move.state --resume', 'continues where it was killed'],
    [
      'kairos migrate --from kairos-py+redis://localhost/3 --to sqlite:metrics.db --config kairos.config.ts',
      'data of Python kairos',
    ],
  ],
  async run(call) {
    const { flags, terminal, signal } = call
    const rows = await migrateAll(call)
    const columns = flags.dryRun ? PLANNED : DONE
    await writeRows(terminal, rows, { columns, format: flags.format, zone: 'UTC', signal, nothing: 'nothing to move' })
  },
})
