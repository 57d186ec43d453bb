import { readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { ServerKind } from './kind.ts'
import { findProgram, freePorts, runToEnd, startProcess, untilReady } from './processes.ts'

/** Options of both servers of this family: small, on loopback, without waiting for the disk, since no test crashes the machine. */
export const COMMON_PARAMETERS: readonly string[] = [
  ...['--bind-address=127.0.0.1', '--skip-name-resolve', '--max-connections=200', '--skip-log-bin'],
  ...['--innodb-flush-log-at-trx-commit=0', '--innodb-buffer-pool-size=128M', '--innodb-log-file-size=16M'],
  // Neither is the collation of the driver's columns.
  ...['--character-set-server=utf8mb4', '--collation-server=utf8mb4_general_ci'],
]

/** Executed at the server's start: a database, and a user with all rights on every database. */
export const INITIAL_STATEMENTS: string = [
  'create database if not exists test;',
  "create user if not exists 'test'@'127.0.0.1' identified by 'test';",
  "grant all on *.* to 'test'@'127.0.0.1';",
].join('\n')

export const mariadb: ServerKind = {
  name: 'mariadb',
  variable: 'KAIROS_TEST_MARIADB_URL',
  debian: ['mariadb-server'],
  prepare: async () =>
    ['mariadbd', 'mariadb-install-db'].some((program) => findProgram(program) === null) ? 'mariadb-server' : null,
  async start(folder) {
    const [port] = await freePorts(1)
    const log = join(folder, 'mariadb.log')
    const initial = join(folder, 'initial.sql')
    const user = userInfo().username
    const common = ['--no-defaults', `--user=${user}`, `--datadir=${join(folder, 'data')}`]
    await runToEnd(
      findProgram('mariadb-install-db')!,
      [...common, '--auth-root-authentication-method=normal', '--skip-test-db'],
      { cwd: folder },
    )
    writeFileSync(initial, INITIAL_STATEMENTS)
    const pid = await startProcess({
      command: findProgram('mariadbd')!,
      // A short, relative name for the socket: their paths end at 107 characters.
      parameters: [...common, `--port=${port}`, '--socket=m.sock', `--init-file=${initial}`, ...COMMON_PARAMETERS],
      folder,
      log,
    })
    await untilReady('MariaDB', log, async () => readFileSync(log, 'utf8').includes('ready for connections'))
    return { url: `mariadb://test:test@127.0.0.1:${port}/test`, pids: [pid] }
  },
}
