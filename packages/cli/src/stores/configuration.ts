import { existsSync } from 'node:fs'
import type { ServerConfig } from '@kairos/server'

const FILES = ['.ts', '.js', '.mjs', '.json'].map((ending) => `kairos.config${ending}`)

/** The configuration of these files, or of the working folder; undefined: there is none. It is loaded only where there is one. */
export async function configuration(files: readonly string[] = []): Promise<ServerConfig | undefined> {
  if (files.length === 0 && !FILES.some((file) => existsSync(file))) return undefined
  const { loadConfig } = await import('@kairos/server')
  return loadConfig(files.length === 0 ? '.' : files)
}
