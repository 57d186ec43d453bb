import { KairosError } from '../errors.ts'
import { isRecord } from '../internal/kinds.ts'

/** Which package to import, and for what. */
export interface PeerRequest {
  /** The package: `better-sqlite3`. */
  readonly package: string
  /** What to install, where that is more than the package: a driver needs a client. */
  readonly install?: string
  /** The URL's scheme that needs it, without a colon. */
  readonly scheme: string
  /** `import.meta.url` of the module that asks. */
  readonly from: string
}

/** The built-in modules used here. Not imported, so that core also runs where there are none, with a driver object. */
interface NodeModules {
  readonly createRequire: (from: string) => NodeJS.Require
  readonly pathToFileURL: (path: string) => URL
  readonly fileURLToPath: (url: URL) => string
}

/**
 * Imports a package that the application installs: resolved from the process's working directory first, then from its main script, then from
 * the module that asks.
 * @throws KAIROS_DRIVER_MISSING with the install command and the places searched. Errors of the package itself pass through.
 * @example `const module = await importPeer({ package: 'better-sqlite3', scheme: 'sqlite', from: import.meta.url })`
 */
export async function importPeer(request: PeerRequest): Promise<unknown> {
  const node = nodeModules()
  if (node === null) {
    throw missing(request, 'which cannot be found by name here: import the driver and pass its object instead of a URL')
  }
  const searched: string[] = []
  for (const anchor of anchorsOf(request, node)) {
    const require = node.createRequire(anchor)
    const file = entryOf(require, request.package)
    if (file !== null) return import(node.pathToFileURL(file).href)
    searched.push(node.fileURLToPath(new URL('.', anchor)))
  }
  throw missing(
    request,
    `which is not installed; run: npm install ${request.install ?? request.package} (searched from ${searched.join(' and ')}; a bundled application passes a driver ` +
      'object instead of a URL)',
  )
}

function missing({ scheme, package: name }: PeerRequest, what: string): KairosError {
  return new KairosError('KAIROS_DRIVER_MISSING', `"${scheme}:" needs the package ${name}, ${what}`, {
    scheme,
    package: name,
  })
}

/** Null outside Node and runtimes like it. */
function nodeModules(): NodeModules | null {
  const builtin = globalThis.process?.getBuiltinModule
  if (typeof builtin !== 'function') return null
  const { createRequire } = builtin('node:module')
  const { pathToFileURL, fileURLToPath } = builtin('node:url')
  return { createRequire, pathToFileURL, fileURLToPath }
}

/** Where the package is searched from. */
function anchorsOf({ from }: PeerRequest, { pathToFileURL }: NodeModules): Set<string> {
  const main = process.argv[1]
  return new Set([
    pathToFileURL(`${process.cwd()}/kairos.js`).href,
    ...(main === undefined ? [] : [pathToFileURL(main).href]),
    // A CommonJS bundle has no URL.
    ...(typeof from === 'string' && from.startsWith('file:') ? [from] : []),
  ])
}

/** The file that the package starts with; null where it is not installed. */
function entryOf(require: NodeJS.Require, name: string): string | null {
  try {
    return require.resolve(name)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'MODULE_NOT_FOUND') return null
    if (code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return importOnlyEntryOf(require, name)
    throw error
  }
}

/** For a package without an entry for `require`: reads its `exports` by hand. */
function importOnlyEntryOf(require: NodeJS.Require, name: string): string | null {
  for (const folder of require.resolve.paths(name) ?? []) {
    const manifest = manifestIn(require, `${folder}/${name}`)
    if (manifest === null) continue
    const entry = targetOf(
      isRecord(manifest.exports) && '.' in manifest.exports ? manifest.exports['.'] : manifest.exports,
    )
    return entry === null ? null : `${folder}/${name}/${entry}`
  }
  return null
}

function manifestIn(require: NodeJS.Require, folder: string): { exports?: unknown } | null {
  try {
    return require(`${folder}/package.json`)
  } catch {
    return null
  }
}

/** What `import` would load for an `exports` entry: a path, or conditions in order of preference. */
function targetOf(target: unknown): string | null {
  if (typeof target === 'string') return target
  if (!isRecord(target)) return null
  for (const [condition, inner] of Object.entries(target)) {
    if (condition === 'import' || condition === 'node' || condition === 'default') {
      const found = targetOf(inner)
      if (found !== null) return found
    }
  }
  return null
}
