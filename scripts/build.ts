import { step } from './commands.ts'
import { build } from './packages.ts'

// npm run build: every package's dist/.
if (!(await step('build', build))) process.exitCode = 1
