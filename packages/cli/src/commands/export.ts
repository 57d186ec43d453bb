import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { type CellColumn, exportCells } from '@kairos/move'
import { type Command, command } from '../command.ts'
import { choiceFlags } from '../flags/choice.ts'
import { outputFlags } from '../flags/output.ts'
import { TIMES } from '../flags/range.ts'
import { storeFlags } from '../flags/store.ts'
import { textFormatFlag, textFormatOf } from '../flags/text-format.ts'
import { Interrupted } from '../interrupted.ts'
import { choiceOf } from '../moving/choice.ts'
import { clockOf } from '../reading/prepare.ts'
import { withTimeseries } from '../stores/with-timeseries.ts'

export const exportCommand: Command = command({
  name: 'export',
  summary: 'writes the cells as NDJSON, CSV or JSON, to standard output or a file',
  details: `import --cells reads them back. Times are Unix seconds.\n\n${TIMES}`,
  words: [],
  flags: {
    ...storeFlags,
    ...choiceFlags,
    output: {
      kind: 'text',
      value: 'file',
      summary: 'a file instead of standard output; it appears only when complete',
    },
    format: textFormatFlag,
    columns: {
      kind: 'list',
      value: 'names',
      summary: 'which of name, interval, start, resolutionStart, value, expires',
    },
    headerless: { kind: 'boolean', summary: 'for CSV: no first line with the names of the columns' },
    zone: outputFlags.zone,
  },
  examples: [
    ['kairos export --store sqlite:metrics.db --timeseries views --output views.ndjson', 'a copy of all cells'],
    [
      'kairos export --interval day --start -30d --format csv --columns name,start,value --store sqlite:metrics.db > days.csv',
      'a month for a spreadsheet',
    ],
  ],
  async run(call) {
    const { flags, terminal, signal } = call
    const { output, columns, headerless } = flags
    await withTimeseries(call, async (opened) => {
      const pieces = exportCells(opened.timeseries, {
        ...choiceOf(call, opened, clockOf(flags.zone, opened)),
        format: textFormatOf(flags.format, output),
        columns: columns as readonly CellColumn[] | undefined,
        header: !headerless,
      })
      if (output === undefined) for await (const piece of pieces) await terminal.write(piece)
      else await writeFile(output, pieces, signal)
    })
  },
})

/** Writes a file beside its place and puts it there when it is whole, so that a part never passes for it. */
async function writeFile(file: string, pieces: AsyncIterable<string>, signal: AbortSignal): Promise<void> {
  const partial = `${file}.${process.pid}.partial`
  try {
    await pipeline(pieces, createWriteStream(partial))
    await rename(partial, file)
  } catch (error) {
    await rm(partial, { force: true })
    throw signal.aborted ? new Interrupted(`${file} was not written`) : error
  }
}
