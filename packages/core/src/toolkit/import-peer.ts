import { KairosError } from '../errors.ts'

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
  const { createRequire } = await import('node:module')
  const { pathToFileURL } = await import('node:url')
  const anchors = [pathToFileURL(`${process.cwd()}/kairos.js`).href, request.from]
  for (const anchor of anchors) {
    let resolved: string
    try {
      resolved = createRequire(anchor).resolve(request.package)
    } catch (error) {
      if (isMissing(error, request.package)) continue
      throw error
    }
    return import(pathToFileURL(resolved).href)
  }
  throw new KairosError(
    'KAIROS_DRIVER_MISSING',
    `"${request.scheme}:" needs the package ${request.package}, which is not installed; run: npm install ${request.package}`,
    { scheme: request.scheme, package: request.package },
  )
}

function isMissing(error: unknown, name: string): boolean {
  return error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND' && error.message.includes(name)
}
