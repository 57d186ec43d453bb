import type { Command } from './command.ts'
import { benchCommand } from './commands/bench.ts'
import { completionCommand } from './commands/completion.ts'
import { deleteCommand } from './commands/delete.ts'
import { digestCommand } from './commands/digest.ts'
import { discoverCommand } from './commands/discover.ts'
import { doctorCommand } from './commands/doctor.ts'
import { expireCommand } from './commands/expire.ts'
import { exportCommand } from './commands/export.ts'
import { getCommand } from './commands/get.ts'
import { importCommand } from './commands/import.ts'
import { initCommand } from './commands/init.ts'
import { insertCommand } from './commands/insert.ts'
import { iterateCommand } from './commands/iterate.ts'
import { listCommand } from './commands/list.ts'
import { matchCommand } from './commands/match.ts'
import { migrateCommand } from './commands/migrate.ts'
import { plotCommand } from './commands/plot.ts'
import { propertiesCommand } from './commands/properties.ts'
import { queryCommand } from './commands/query.ts'
import { rebuildCommand } from './commands/rebuild.ts'
import { seriesCommand } from './commands/series.ts'
import { serveCommand } from './commands/serve.ts'
import { topCommand } from './commands/top.ts'

/** Commands that belong together, in the order of the help. */
export const commandGroups: readonly { readonly title: string; readonly commands: readonly Command[] }[] = [
  {
    title: 'Look:',
    commands: [
      discoverCommand,
      listCommand,
      propertiesCommand,
      getCommand,
      seriesCommand,
      iterateCommand,
      queryCommand,
      topCommand,
      plotCommand,
      doctorCommand,
    ],
  },
  { title: 'Change:', commands: [insertCommand, deleteCommand, expireCommand, rebuildCommand] },
  { title: 'Move:', commands: [importCommand, exportCommand, migrateCommand, digestCommand] },
  { title: 'Configure:', commands: [initCommand, serveCommand, matchCommand, benchCommand, completionCommand] },
]

/** All of them. */
export const commands: readonly Command[] = commandGroups.flatMap((group) => group.commands)
