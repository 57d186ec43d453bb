import { withoutSecrets } from '@kairos/core/driver'
import { type Command, command } from '../command.ts'
import { examine } from '../doctor/examine.ts'
import { outputFlags } from '../flags/output.ts'
import { placeFlags } from '../flags/store.ts'
import { Failed } from '../misuse.ts'
import type { Column, Row } from '../output/columns.ts'
import { writeRows } from '../output/write-rows.ts'
import { namedStoresOf } from '../stores/where.ts'

const columns: readonly Column[] = [{ key: 'check' }, { key: 'state' }, { key: 'found' }, { key: 'todo', sparse: true }]

export const doctorCommand: Command = command({
  name: 'doctor',
  summary: 'examines a store: what is wrong, and how to fix it',
  details: `For every store, it checks the connection and whether each timeseries opens; depending on the kind, also clock, rights, durability, replicas, and settings that make it slow or lose data.
It changes nothing that is stored; in Redis it writes a key of its own, and deletes it. The exit code is 1 if something fails.`,
  words: [{ name: 'url', summary: 'the store; default: that of --store', optional: true }],
  flags: { ...placeFlags, format: outputFlags.format },
  examples: [
    ['kairos doctor sqlite:metrics.db', 'a file'],
    ['kairos doctor redis://localhost --format json', 'for a program'],
  ],
  async run(call) {
    const { flags, terminal, signal } = call
    const urls = await namedStoresOf(call)
    const failed: string[] = []
    const rows = async function* (): AsyncGenerator<Row> {
      for (const url of urls)
        for await (const found of examine(url, call)) {
          if (found.state === 'fail') failed.push(found.check)
          yield { store: withoutSecrets(url), ...found }
        }
    }
    const own = urls.length > 1 ? [{ key: 'store' }, ...columns] : columns
    await writeRows(terminal, rows(), { columns: own, format: flags.format, zone: 'UTC', signal, nothing: '' })
    if (failed.length > 0) throw new Failed(`failed: ${failed.join(', ')}`)
  },
})
