import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { CheckedConfig } from '@kairos/core/calls'
import { invalidOption, isRecord, messageOf } from '@kairos/core/driver'
import type { Migration } from './migration.ts'
import type { State } from './state-file.ts'

/** The state to continue from: a new one, or with `resume` that of an earlier run, if there is one. */
export async function beginningState(migration: Migration): Promise<State> {
  const { state: path, resume } = migration.options
  const own = fingerprintOf(migration)
  const former = path === undefined ? undefined : await readState(path)
  if (former === undefined) return newState(migration)
  if (!resume)
    throw invalidOption({
      path: 'state',
      expected: 'a file that does not exist yet',
      value: path,
      remedy: '`resume: true` continues with it',
    })
  if (former.migration !== own)
    throw wrongState(path!, 'the state of a migration with these configurations, names and intervals')
  return former
}

/** That of a migration that has done nothing yet. */
export function newState(migration: Migration): State {
  const { stretch, routes } = migration
  return {
    version: 1,
    migration: fingerprintOf(migration),
    started: routes.source.retention.now(),
    start: stretch.start ?? null,
    end: stretch.end ?? null,
    names: 0,
    cells: 0,
    expired: 0,
    done: null,
    groups: [],
    isFinished: false,
  }
}

/** The same for what can be gone on with. Times are left out: those of the state count, since `-24h` is another time in each run. */
function fingerprintOf({ routes: { source, target, routes }, options }: Migration): string {
  const { names, prefix, match } = options
  const chosen = names === undefined || typeof names === 'string' ? names : [...names].sort()
  const ways = routes.map((route) => [route.target.name, route.source.name, route.how])
  const parts = [shapeOf(source.config), shapeOf(target.config), ways, chosen ?? null, prefix, String(match)]
  return hash('sha256', JSON.stringify(parts))
}

function shapeOf({ name, type, valueType, accuracy, precision, intervals }: CheckedConfig): unknown {
  return [name ?? null, type, valueType, accuracy, precision, intervals]
}

async function readState(path: string): Promise<State | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw wrongState(path, `readable (${messageOf(error)})`)
  })
  if (text === undefined) return undefined
  const state = parsed(text)
  const isState = isRecord(state) && state.version === 1 && typeof state.migration === 'string'
  if (!isState || !Array.isArray(state.groups)) throw wrongState(path, 'the state of a migration')
  return state as unknown as State
}

function wrongState(path: string, expected: string): Error {
  return invalidOption({ path: 'state', expected: `a file that is ${expected}`, value: path })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
