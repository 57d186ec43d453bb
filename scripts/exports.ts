import { writeExports } from './checks/public-api.ts'
import { step } from './commands.ts'
import { build } from './packages.ts'

// npm run exports: writes docs/exports.txt, the list of all exports.
if (await step('build', build)) writeExports()
else process.exitCode = 1
