import type { Command } from './command.ts'
import { benchCommand } from './commands/bench.ts'
import { completionCommand } from './commands/completion.ts'
import { deleteCommand } from './commands/delete.ts'
import { digestCommand } from './commands/digest.ts'
import { discoverCommand } from './commands/discover.ts'
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
import { topCommand } from './commands/top.ts'

/** All commands, in the order of the help. */
export const commands: readonly Command[] = [
  discoverCommand,
  listCommand,
  propertiesCommand,
  getCommand,
  seriesCommand,
  iterateCommand,
  queryCommand,
  topCommand,
  plotCommand,
  insertCommand,
  importCommand,
  exportCommand,
  digestCommand,
  deleteCommand,
  expireCommand,
  rebuildCommand,
  migrateCommand,
  initCommand,
  matchCommand,
  benchCommand,
  completionCommand,
]
