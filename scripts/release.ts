import { spawnSync } from 'node:child_process'
import { step } from './commands.ts'
import { build } from './packages.ts'

// npm run release: builds, then publishes every version that the registry does not have yet. The release workflow
// calls it; `.changeset/README.md` describes how versions are made.
if (await step('build', build)) process.exitCode = spawnSync('changeset', ['publish'], { stdio: 'inherit' }).status ?? 1
else process.exitCode = 1
