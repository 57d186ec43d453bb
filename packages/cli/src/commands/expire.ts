import { type Command, command } from '../command.ts'
import { outputFlags } from '../flags/output.ts'
import { storeFlags } from '../flags/store.ts'
import { interruptible } from '../moving/interruptible.ts'
import { writeRows } from '../output/write-rows.ts'
import { withTimeseries } from '../stores/with-timeseries.ts'

export const expireCommand: Command = command({
  name: 'expire',
  summary: 'deletes expired cells, on stores that do not do so themselves',
  words: [{ name: 'name', summary: 'only this name', optional: true }],
  flags: { ...storeFlags, format: outputFlags.format },
  examples: [
    ['kairos expire --timeseries views --store sqlite:metrics.db', 'everything older than what the intervals keep'],
  ],
  async run(call) {
    const { words, flags, terminal, signal } = call
    const { format, patience } = flags
    await withTimeseries(call, async ({ timeseries }) => {
      const work = timeseries.expire(words[0], { signal, patience })
      const expired = await interruptible(signal, 'what is left of it is deleted the next time', work)
      const columns = [{ key: 'expired' }]
      await writeRows(terminal, [{ expired }], { columns, format, zone: 'UTC', signal, nothing: '' })
    })
  },
})
