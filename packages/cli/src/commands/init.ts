import { writeFile } from 'node:fs/promises'
import { type Command, command } from '../command.ts'
import { askWishes, DEFAULTS } from '../init/ask-wishes.ts'
import { configText, type Wishes } from '../init/config-text.ts'
import { readsModules } from '../init/module-type.ts'
import { Misuse } from '../misuse.ts'

export const initCommand: Command = command({
  name: 'init',
  summary: 'writes a commented configuration, after three questions',
  details:
    'The server and all commands read it. An existing file is never overwritten.\nA new store needs one: it defines the timeseries that insert and import create.',
  words: [],
  flags: {
    yes: { kind: 'boolean', summary: 'no questions: SQLite, and counts by minute, hour and day' },
    output: {
      kind: 'text',
      value: 'file',
      summary: 'default: kairos.config.ts if Node reads that as a module, otherwise kairos.config.mjs',
    },
  },
  examples: [
    ['kairos init', 'asks for store, type and name'],
    ['kairos init --yes', 'asks nothing'],
  ],
  async run({ flags, terminal, signal }) {
    const isTypeScript = process.features.typescript && readsModules('.')
    const file = flags.output ?? (isTypeScript ? 'kairos.config.ts' : 'kairos.config.mjs')
    const wishes: Wishes = flags.yes ? DEFAULTS : await askWishes(terminal, signal)
    try {
      await writeFile(file, configText(wishes, file.endsWith('.ts')), { flag: 'wx' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST')
        throw new Misuse(`${file} exists already: choose another file with --output`)
      throw error
    }
    terminal.report(`${file} is written. Try: kairos insert home && kairos series home hour --steps 3`)
  },
})
