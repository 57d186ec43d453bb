import { readdir, stat } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import { invalidOption, isRecord, messageOf } from '@kairos/core/driver'

/** A folder, a file, or by names the paths of files. */
export type Files = string | Readonly<Record<string, string>>

/**
 * The paths of files by the names of what they hold: `servers/a/load.wsp` of a folder is `servers.a.load`.
 * @throws KAIROS_INVALID_CONFIG
 */
export async function filesIn(files: Files, extension: string): Promise<ReadonlyMap<string, string>> {
  if (isRecord(files)) return new Map(Object.entries(files) as [string, string][])
  if (typeof files !== 'string' || files === '')
    throw invalidOption({ path: 'files', expected: 'a path, or an object of paths', value: files })
  const found = await stat(files).catch((error) => {
    const remedy = messageOf(error)
    throw invalidOption({ path: 'files', expected: 'a folder or a file', value: files, remedy })
  })
  if (found.isFile()) return new Map([[basename(files, extension), files]])
  const paths = await readdir(files, { recursive: true, withFileTypes: true })
  return new Map(
    paths
      .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
      .map((entry) => {
        const path = join(entry.parentPath, entry.name)
        return [relative(files, path).slice(0, -extension.length).split(sep).join('.'), path]
      }),
  )
}
