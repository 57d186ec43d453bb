import { writeFileSync } from 'node:fs'
import { RECORDING, record } from '../packages/cli/test/support/recording.ts'

// npm run record: writes the picture of a session in a terminal again, from what the commands print now.
writeFileSync(RECORDING, await record())
