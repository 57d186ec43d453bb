import type { Command } from './command.ts'
import { discoverCommand } from './commands/discover.ts'
import { getCommand } from './commands/get.ts'
import { iterateCommand } from './commands/iterate.ts'
import { listCommand } from './commands/list.ts'
import { propertiesCommand } from './commands/properties.ts'
import { queryCommand } from './commands/query.ts'
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
]
