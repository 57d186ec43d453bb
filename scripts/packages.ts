import { globSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Outcome, run, together } from './commands.ts'

/** The folders of the packages that are published, such as `packages/core`. */
function publishedFolders(): string[] {
  return globSync('packages/*/package.json')
    .filter((file) => !JSON.parse(readFileSync(file, 'utf8')).private)
    .map(dirname)
    .sort()
}

/** Builds every package. */
export function build(): Promise<Outcome> {
  return run('turbo', ['run', 'build', '--output-logs=errors-only'])
}

/** Writes the tarball of every published package into a folder, from what was last built. */
export async function packInto(folder: string): Promise<Outcome> {
  const pack = (cwd: string) => run('pnpm', ['pack', '--pack-destination', folder], cwd)
  return together(await Promise.all(publishedFolders().map(pack)))
}
