import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { KairosError } from '@kairos/core'
import { invalidOption, isRecord } from '@kairos/core/driver'
import { checkConfig } from './check-config.ts'
import { mergeConfigs } from './config/merge-configs.ts'
import { ENDINGS, inFile, readConfig } from './config/read-config.ts'
import type { ServerConfig } from './config/types.ts'

/** A file with what it says. */
interface Loaded {
  readonly file: string
  readonly config: unknown
}

/**
 * Reads a configuration: of one file or of several, of which a later one overrides an earlier. A folder means the `kairos.config.ts`, `.js`,
 * `.mjs` or `.json` in it, without which the configuration is empty. Default: the working directory. Nothing is connected.
 * @throws KAIROS_INVALID_CONFIG, with the file, the path in it and what was expected
 * @example const server = await createServer(await loadConfig(['kairos.config.ts', 'local.json'])).start()
 */
export async function loadConfig(paths: string | readonly string[] = '.'): Promise<ServerConfig> {
  const given: readonly unknown[] = Array.isArray(paths) ? paths : [paths]
  const loaded: Loaded[] = []
  for (const file of given.flatMap(filesOf)) {
    const config = await readConfig(file)
    if (!isRecord(config))
      throw inFile(invalidOption({ path: 'the configuration', expected: 'an object', value: config }), file)
    loaded.push({ file, config })
  }
  const merged = mergeConfigs(loaded.map(({ config }) => config as ServerConfig))
  try {
    checkConfig(merged)
  } catch (error) {
    if (!KairosError.is(error) || loaded.length === 0) throw error
    throw inFile(error, fileOf(error.path ?? '', loaded))
  }
  return merged
}

/** @throws KAIROS_INVALID_CONFIG */
function filesOf(path: unknown): readonly string[] {
  if (typeof path !== 'string' || path === '')
    throw invalidOption({ path: 'paths', expected: 'the path of a configuration, or a list of paths', value: path })
  if (!existsSync(path))
    throw new KairosError('KAIROS_INVALID_CONFIG', `${path}: there is no such file or folder`, { path })
  if (!statSync(path).isDirectory()) return [path]
  const files = ENDINGS.map((ending) => join(path, `kairos.config${ending}`)).filter((file) => existsSync(file))
  if (files.length < 2) return files
  throw new KairosError('KAIROS_INVALID_CONFIG', `there must be one of ${files.join(' and ')}; name the one you mean`, {
    path,
  })
}

/** The file that says most of a path; of several, the last, which overrides the others. */
function fileOf(path: string, loaded: readonly Loaded[]): string {
  let found = { file: loaded.at(-1)!.file, depth: 0 }
  for (const { file, config } of loaded) {
    const depth = depthOf(path, config)
    if (depth > 0 && depth >= found.depth) found = { file, depth }
  }
  return found.file
}

/** How much of a path an object has, in characters. The names on it may contain dots. */
function depthOf(path: string, value: unknown): number {
  if (!isRecord(value) && !Array.isArray(value)) return 0
  const depths = Object.entries(value).map(([key, member]) => {
    if (path !== key && !path.startsWith(`${key}.`)) return 0
    return key.length + depthOf(path.slice(key.length + 1), member)
  })
  return Math.max(0, ...depths)
}
