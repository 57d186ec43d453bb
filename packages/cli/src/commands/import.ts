import { type Command, command } from '../command.ts'
import { outputFlags } from '../flags/output.ts'
import { storeFlags } from '../flags/store.ts'
import { textFormatFlag } from '../flags/text-format.ts'
import { importAll } from '../moving/import-all.ts'
import { foreignFlags, importForeign, isForeign } from '../moving/import-foreign.ts'
import { kronosFlags } from '../moving/kronos-flags.ts'
import { writeRows } from '../output/write-rows.ts'
import { withTimeseries } from '../stores/with-timeseries.ts'

const columns = ['rows', 'dead', 'stored', 'expired'].map((key) => ({ key }))

const OF_EVENTS = ['streams', 'inserted', 'duplicates'].map((key) => ({ key }))

export const importCommand: Command = command({
  name: 'import',
  summary: 'writes points, or with --cells what export wrote, from files or standard input',
  details: `A point has a name, a value and a timestamp (in --unit, or ISO 8601, in UTC unless it names a zone); for counts, histograms and distributions, it may have times.
Importing points again adds them again; importing cells again does not. Without --dead-letter, the first row that does not fit ends the import.
Ctrl-C stops between two batches, and prints the --skip to continue with.

Data of other programs (--whisper, --rrd, --redis-keys) is set, not added, so that the import can be repeated. --kronos copies
the events of a Kronos server into event streams, with the token in the environment variable KAIROS_TOKEN if the server requires one; each event is stored once.`,
  words: [{ name: 'file', summary: 'files; - or none: standard input', many: true, optional: true }],
  flags: {
    ...storeFlags,
    format: textFormatFlag,
    cells: { kind: 'boolean', summary: 'the rows are cells that export wrote' },
    mode: {
      kind: 'text',
      value: 'mode',
      choices: ['replace', 'merge'],
      summary: 'for cells: replace what is there (default), or add to it',
    },
    columns: {
      kind: 'list',
      value: 'pairs',
      summary: 'where the fields are: name=path,value=ms,timestamp=at; numbers from 0 with --headerless',
    },
    defaults: { kind: 'list', value: 'pairs', summary: 'values for fields that a row leaves out: name=home,value=1' },
    headerless: { kind: 'boolean', summary: 'for CSV: the first line is a row' },
    delimiter: { kind: 'text', value: 'character', summary: 'for CSV: the character between columns (,)' },
    unit: {
      kind: 'text',
      value: 'unit',
      choices: ['s', 'ms', 'us', 'ns'],
      summary: 'the unit of numeric timestamps (s)',
    },
    deadLetter: { kind: 'text', value: 'file', summary: 'rows that do not fit go here, each with the reason' },
    skip: { kind: 'whole', value: 'rows', summary: 'skip this many rows, which have been imported already' },
    ...foreignFlags,
    ...kronosFlags,
    output: { ...outputFlags.format, summary: 'how the totals are printed: table on a terminal, ndjson in a pipe' },
  },
  examples: [
    [
      'kairos import hits.ndjson --timeseries views --store sqlite:metrics.db',
      'rows such as {"name":"home","value":3,"timestamp":1709211600}',
    ],
    [
      'kairos import access.csv --columns name=path,value=ms,timestamp=at --unit ms --dead-letter bad.ndjson --store sqlite:times.db',
      'a CSV with its own columns',
    ],
    [
      'kairos import --cells views.ndjson --config kairos.config.mjs --store sqlite:copy.db',
      'what export wrote, into a new file',
    ],
    [
      'kairos import /var/lib/graphite/whisper --whisper --timeseries metrics --store sqlite:kairos.db',
      'Whisper files of Graphite',
    ],
    [
      "kairos import redis://localhost --redis-keys 'views:{name}:{yyyy}{MM}{dd}{HH}' --timeseries views --store sqlite:metrics.db",
      'counters that your program keeps',
    ],
  ],
  async run(call) {
    const { words, flags, terminal, signal } = call
    const output = { format: flags.output, zone: 'UTC', signal, nothing: '' }
    if (flags.kronos) {
      const { importEvents } = await import('../moving/import-events.ts')
      return writeRows(terminal, [{ ...(await importEvents(call)) }], { ...output, columns: OF_EVENTS })
    }
    const isOfOthers = isForeign(call)
    await withTimeseries(
      call,
      async ({ timeseries, type }) => {
        const sums = isOfOthers
          ? await importForeign(timeseries, type, words, call)
          : await importAll(timeseries, words.length === 0 ? ['-'] : words, call)
        await writeRows(terminal, [{ ...sums }], { ...output, columns })
      },
      true,
    )
  },
})
