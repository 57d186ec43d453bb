import { existsSync, globSync, readFileSync, rmSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { rolldown } from 'rolldown'
import type { Outcome } from './commands.ts'

// Node takes a third of a millisecond for each file that it loads: a package of a hundred small modules is imported seven times
// as fast as few files. Types stay as the compiler wrote them; names and lines stay readable.

/**
 * By package: the files whose contents are not left to the bundler, each with the modules that it begins with. A module that several import is
 * in the first. Else an application that is bundled would load what it needs at first in a dozen small files, one for each set of later parts that
 * need it too; and with what it needs, whatever shares a file with something that a later part needs.
 */
const FILES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  '@kairos/core': {
    timeseries: ['timeseries'],
    tools: [
      'part',
      'internal/collections',
      'pipeline/call-options',
      'internal/order',
      'internal/message-of',
      'error-details',
      'calls/store-failures',
      'calls/final-failures',
      'calls/yielder',
      'calls/pause',
      'toolkit/dictionary',
      'toolkit/once',
      'toolkit/harmless',
      'toolkit/options',
      'drivers/memory-capabilities',
    ],
    calls: ['calls/retry'],
    'loaded-timeseries': ['loaded-timeseries'],
    discover: ['discover'],
    time: ['time/relative', 'time/timestamp', 'time/calculator', 'time/resolution'],
    zones: ['time/zone-names'],
    civil: ['time/civil'],
    json: ['internal/json', 'transforms/planned'],
    points: ['points', 'transforms/counts'],
    connect: ['pipeline/connect'],
    calculators: ['time/calculators'],
    bucketing: ['time/bucketing'],
    'memory-driver': ['drivers/memory-driver'],
  },
}

/** Makes few files of a package's built modules: one for each entry point, what they share, and what is loaded later. */
export async function bundlePackage(folder: string): Promise<Outcome> {
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const dist = resolve(folder, 'dist')
  const entryPoints = [...new Set([...targetsOf(manifest.exports), ...Object.values(manifest.bin ?? {})])]
    .filter((target) => target.endsWith('.js'))
    .map((target) => join(folder, target))
  if (entryPoints.length === 0 || !entryPoints.every(existsSync))
    return { ok: false, output: `${folder} is not built\n` }
  const bundle = await rolldown({
    input: Object.fromEntries(entryPoints.map((file) => [relative(dist, file).replace(/\.js$/, ''), file])),
    external: /^[^./]/,
    // Nothing of Node may get into core, which also runs in browsers.
    platform: 'neutral',
    logLevel: 'silent',
  })
  const files = Object.entries(FILES[manifest.name] ?? {}).map(([name, modules]) => ({
    name,
    roots: modules.map((module) => join(dist, `${module}.js`)),
  }))
  const { output } = await bundle.generate({
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash:7].js',
    sourcemap: true,
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [{ name: (module, context) => fileOf(module, files, (id) => context.getModuleInfo(id)) }],
    },
  })
  for (const file of globSync(['**/*.js', '**/*.js.map'], { cwd: dist })) rmSync(join(dist, file))
  await Promise.all(
    output.map((file) => writeInto(join(dist, file.fileName), file.type === 'chunk' ? file.code : file.source)),
  )
  return { ok: true, output: '' }
}

type GetModuleInfo = (module: string) => { readonly importedIds: readonly string[] } | null

/** The name of the first file that a module belongs to; null: the bundler decides. */
function fileOf(
  module: string,
  files: readonly { readonly name: string; readonly roots: readonly string[] }[],
  getModuleInfo: GetModuleInfo,
): string | null {
  return files.find(({ roots }) => importedBy(roots, getModuleInfo).has(module))?.name ?? null
}

/** These modules and all that they import at once. */
function importedBy(roots: readonly string[], getModuleInfo: GetModuleInfo): Set<string> {
  const found = new Set(roots)
  for (const module of found) for (const imported of getModuleInfo(module)?.importedIds ?? []) found.add(imported)
  return found
}

interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly bin?: Readonly<Record<string, string>>
}

function targetsOf(exports: Manifest['exports']): string[] {
  return Object.values(exports).flatMap((target) => (typeof target === 'string' ? target : (target.default ?? [])))
}

async function writeInto(path: string, contents: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, contents)
}
