import { KairosError } from '../errors.ts'
import { isRecord } from '../internal/kinds.ts'

export interface PeerRequest {
  /** The package: `better-sqlite3`. */
  readonly package: string
  /** The URL's scheme that needs it, without a colon. */
  readonly scheme: string
  /** `import.meta.url` of the module that asks. */
  readonly from: string
}

/**
 * Imports a package that the application installs: resolved from the process's working directory first, then from the module that asks.
 * @throws KAIROS_DRIVER_MISSING with the install line, when it is in neither place. What the package itself throws while loading passes through.
 */
export async function importPeer(request: PeerRequest): Promise<unknown> {
  // Here, not at the top: core also runs where there is no node:module, with a driver object.
  const { createRequire } = await import('node:module')
  const { pathToFileURL } = await import('node:url')
  for (const anchor of [pathToFileURL(`${process.cwd()}/kairos.js`).href, request.from]) {
    const file = entryOf(createRequire(anchor), request.package)
    if (file !== null) return import(pathToFileURL(file).href)
  }
  throw new KairosError(
    'KAIROS_DRIVER_MISSING',
    `"${request.scheme}:" needs the package ${request.package}, which is not installed; run: npm install ${request.package}`,
    { scheme: request.scheme, package: request.package },
  )
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

/** Of a package that names no entry for `require`, although Node could require it: its `exports` read by hand. */
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

/** What `import` gets of an `exports` entry: a path, or conditions in the order of preference. */
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
