import { globSync, mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { step } from './commands.ts'
import { build, packInto } from './packages.ts'

// npm run pack -- FOLDER: builds, then writes the tarball of every published package into FOLDER.
const [folder] = process.argv.slice(2)
if (folder === undefined) {
  console.error('usage: npm run pack -- FOLDER')
  process.exit(2)
}

// npm runs scripts in the root of the workspace, and sets INIT_CWD to the folder in which it was called.
const destination = resolve(process.env.INIT_CWD ?? '.', folder)
mkdirSync(destination, { recursive: true })
// Tarballs of an earlier version could be mistaken for new ones.
for (const stale of globSync('kairos-*.tgz', { cwd: destination })) rmSync(join(destination, stale))

const packed = (await step('build', build)) && (await step('pack', () => packInto(destination)))
if (packed)
  for (const tarball of globSync('kairos-*.tgz', { cwd: destination }).sort()) console.log(join(folder, tarball))
else process.exitCode = 1
