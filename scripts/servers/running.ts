import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServerKind } from './kind.ts'
import { findProgram, stopProcesses } from './processes.ts'

/** A server that was started, as it is found again by its folder. */
export interface RunningServer {
  readonly name: string
  readonly variable: string
  readonly url: string
  readonly folder: string
  readonly pids: readonly number[]
}

/** What came of starting some servers. */
export interface Servers {
  readonly running: readonly RunningServer[]
  /** A line for each server that cannot be had here: what, why, and how to have it. */
  readonly missing: readonly string[]
}

/**
 * Starts the servers that are not anybody's own already. What is missing is installed through apt where CI is set, and else named.
 * A server that is there but does not start is an error.
 */
export async function startServers(kinds: readonly ServerKind[]): Promise<Servers> {
  const wanted = kinds.filter(({ variable }) => process.env[variable] === undefined)
  if (process.env.CI) await installFromDebian(wanted)
  const running: RunningServer[] = []
  const missing: string[] = []
  try {
    for (const kind of wanted) {
      const lacks = await kind.prepare()
      if (lacks === null) running.push(await startServer(kind))
      else missing.push(lineFor(kind, lacks))
    }
  } catch (error) {
    await stopServers(running)
    throw error
  }
  return { running, missing }
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
    const { status, stderr } = spawnSync(command, parameters, { env: environment, encoding: 'utf8' })
    if (status !== 0) throw new Error(`apt-get ${step[0]} failed: ${stderr}`)
  }
}
