import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const tools = join(import.meta.dirname, '..', '..', '.tools')

/** Does what a kind of server needs to be there. Resolves to null, or to what is missing and why. */
export async function missingAfter(what: string, work: () => Promise<unknown>): Promise<string | null> {
  try {
    await work()
    return null
  } catch (error) {
    return `${what} (${error instanceof Error ? error.message : error})`
  }
}

/**
 * The folder of this name under `.tools/`, filled now or by an earlier run. `fill` works in a temporary folder, which is renamed when it is complete:
 * an interrupted or simultaneous run does no harm. What is fetched must not depend on its path.
 */
export async function fetchedFolder(name: string, fill: (folder: string) => Promise<void> | void): Promise<string> {
  const folder = join(tools, name)
  if (existsSync(folder)) return folder
  process.stderr.write(`kairos: fetching ${name} …\n`)
  const unfinished = join(tools, `unfinished-${name}-${process.pid}`)
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  try {
    await fill(unfinished)
    try {
      renameSync(unfinished, folder)
    } catch (error) {
      // Another run was faster.
      if (!existsSync(folder)) throw error
    }
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
  return folder
}
