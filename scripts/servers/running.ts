import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServerKind } from './kind.ts'
import { findProgram, runToEnd, stopProcesses } from './processes.ts'

/** A running server, identified by its folder. */
export interface RunningServer {
  readonly name: string
  readonly variable: string
  readonly url: string
  readonly folder: string
  readonly pids: readonly number[]
}

/** The result of starting some servers. */
export interface Servers {
  readonly running: readonly RunningServer[]
  /** A line for each server that cannot be started here: which, why, and how to install it. */
  readonly missing: readonly string[]
}

/** What each server lacks on this machine, once that is known; null: nothing. Servers with a given URL are not included. */
export type Prepared = ReadonlyMap<ServerKind, Promise<string | null>>

/**
 * Fetches what the servers need, one after another in this order. What is missing is installed through apt if CI is set, and otherwise reported.
 * A failure is handled where the first server that it concerns is started.
 */
export function prepareServers(kinds: readonly ServerKind[]): Prepared {
  const wanted = kinds.filter(({ variable }) => process.env[variable] === undefined)
  const prepared = new Map<ServerKind, Promise<string | null>>()
  let before: Promise<unknown> = process.env.CI ? installFromDebian(wanted) : Promise.resolve()
  for (const kind of wanted) {
    const lacks = before.then(() => kind.prepare())
    lacks.catch(() => {})
    prepared.set(kind, lacks)
    before = lacks
  }
  return prepared
}

/** Starts the servers that lack nothing, all at once. If one of them does not start, that is an error. */
export async function startServers(
  kinds: readonly ServerKind[],
  prepared: Prepared = prepareServers(kinds),
): Promise<Servers> {
  const known = await Promise.all(
    kinds.filter((kind) => prepared.has(kind)).map(async (kind) => [kind, await prepared.get(kind)!] as const),
  )
  const started = await Promise.allSettled(
    known.flatMap(([kind, lacks]) => (lacks === null ? [startServer(kind)] : [])),
  )
  const running = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  const failure = started.find((each) => each.status === 'rejected')
  if (failure !== undefined) {
    await stopServers(running)
    throw failure.reason
  }
  return { running, missing: known.flatMap(([kind, lacks]) => (lacks === null ? [] : [lineFor(kind, lacks)])) }
}

async function startServer(kind: ServerKind): Promise<RunningServer> {
  // Not in the checkout: a server started by root may run as a user who cannot enter it, and sockets' paths must be short.
  const folder = mkdtempSync(join(tmpdir(), `kairos-${kind.name}-`))
  chmodSync(folder, 0o755)
  try {
    const { url, pids } = await kind.start(folder)
    return { name: kind.name, variable: kind.variable, url, folder, pids }
  } catch (error) {
    throw new Error(`${kind.name} did not start (its folder is kept: ${folder})`, { cause: error })
  }
}

/** Ends servers and deletes their data. */
export async function stopServers(servers: readonly RunningServer[]): Promise<void> {
  await Promise.all(
    servers.map(async ({ pids, folder }) => {
      await stopProcesses(pids, folder)
      rmSync(folder, { recursive: true, force: true })
    }),
  )
}

function lineFor({ name, debian, remedy, variable }: ServerKind, lacks: string): string {
  const install = [
    ...(debian.length === 0 ? [] : [`apt-get install ${debian.join(' ')}`]),
    ...(remedy === undefined ? [] : [remedy]),
  ]
  return `skipped: tests on ${name}, as ${lacks} is missing; to have them: ${[...install, `set ${variable} to a server's URL`].join(', or ')}`
}

async function installFromDebian(kinds: readonly ServerKind[]): Promise<void> {
  const packages = new Set<string>()
  for (const kind of kinds) {
    if (kind.debian.length > 0 && (await kind.prepare()) !== null) for (const name of kind.debian) packages.add(name)
  }
  if (packages.size === 0 || findProgram('apt-get') === null) return
  process.stderr.write(`kairos: installing ${[...packages].join(', ')} …\n`)
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const sudo =
    process.getuid?.() === 0 || !existsSync('/usr/bin/sudo') ? [] : ['sudo', '--preserve-env=DEBIAN_FRONTEND']
  for (const step of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', ...packages],
  ]) {
    const [command = '', ...parameters] = [...sudo, 'apt-get', ...step]
    await runToEnd(command, parameters, { env: environment })
  }
}
