import { globSync, readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { bundlePackage } from './bundle.ts'
import { bundlePage } from './bundle-page.ts'
import { type Outcome, run, together } from './commands.ts'

/** Builds every package from scratch: the output of a source that was renamed must not remain, be cached and get published. */
export async function build(): Promise<Outcome> {
  for (const folder of globSync('packages/*/dist')) rmSync(folder, { recursive: true })
  const built = await run('turbo', ['run', 'build', '--output-logs=errors-only'])
  if (!built.ok) return built
  // The kit starts some of its files as processes, by name.
  const bundled = publishedFolders().filter((folder) => !folder.endsWith('driver-tests'))
  const outcome = together(await Promise.all(bundled.map(bundlePackage)))
  // Last, since bundling a package removes every script in its folder.
  await bundlePage('packages/server/dist/browser')
  return outcome
}

/** Writes the tarball of every published package into a folder, from the last build. */
export async function packInto(folder: string): Promise<Outcome> {
  const pack = (cwd: string) => run('pnpm', ['pack', '--pack-destination', folder], cwd)
  return together(await Promise.all(publishedFolders().map(pack)))
}

function publishedFolders(): string[] {
  return globSync('packages/*/package.json')
    .filter((file) => !JSON.parse(readFileSync(file, 'utf8')).private)
    .map(dirname)
    .sort()
}
