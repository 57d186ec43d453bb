import { readFile, stat } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { KairosError } from '@kairos/core'
import { messageOf, withoutSecrets } from '@kairos/core/driver'
import { parseJsonConfig } from './json-config.ts'

/** What a configuration's name may end in. */
export const ENDINGS = ['.ts', '.js', '.mjs', '.json'] as const

/**
 * What a file says, unchecked. A file that has changed since it was read is read again; the modules that it imports are not.
 * @throws KAIROS_INVALID_CONFIG, which names the file
 */
export async function readConfig(file: string): Promise<unknown> {
  const ending = extname(file)
  if (!ENDINGS.some((each) => each === ending))
    throw faultOf(file, `the name of a configuration must end in ${ENDINGS.join(', ')}`)
  try {
    return ending === '.json' ? parseJsonConfig(await readFile(file, 'utf8')) : await exportedBy(file)
  } catch (error) {
    if (KairosError.is(error)) throw inFile(error, file)
    throw faultOf(file, `cannot be read: ${withoutSecrets(messageOf(error))}${remedyFor(error)}`, error)
  }
}

/** An error with the file that it is about. */
export function inFile(error: KairosError, file: string): KairosError {
  return new KairosError(error.code, `${file}: ${error.message}`, { ...error }, error.cause)
}

function faultOf(file: string, fault: string, cause?: unknown): KairosError {
  return new KairosError('KAIROS_INVALID_CONFIG', `${file}: ${fault}`, { path: file }, cause)
}

async function exportedBy(file: string): Promise<unknown> {
  const { mtimeMs } = await stat(file)
  const url = pathToFileURL(resolve(file))
  // Modules are cached by URL. The ending is for loaders that look for it at the very end.
  url.search = `${mtimeMs}${extname(file)}`
  const exported: unknown = await import(/* @vite-ignore */ url.href)
  const { default: config } = exported as { readonly default?: unknown }
  if (config !== undefined) return config
  throw new KairosError('KAIROS_INVALID_CONFIG', 'must have the configuration as its default export')
}

function remedyFor(error: unknown): string {
  const { code } = error as { readonly code?: unknown }
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION') return '; Node reads TypeScript from 22.18 on: use it, or write .mjs'
  if (code === 'ERR_MODULE_NOT_FOUND') return '; install the package beside the configuration'
  return ''
}
