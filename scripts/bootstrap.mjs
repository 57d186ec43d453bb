// Runs a command of this workspace on a machine that has nothing but git, Node 18 or later and npm:
//
//   node scripts/bootstrap.mjs COMMAND [ARGUMENT…]
//
// Whatever is missing is fetched through npm into .tools/ of this checkout, and nothing outside it changes: the pnpm that
// package.json names, a current Node if the running one is older than the packages support, then the dependencies.
// Plain JavaScript without dependencies, since it runs before there are any.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The lowest Node the packages run on (their `engines`), and the major to fetch if the running one is older. */
const LOWEST_NODE = [22, 13]
const FETCHED_NODE = 24

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const tools = join(root, '.tools')
const windows = process.platform === 'win32'

const [command, ...commandArguments] = process.argv.slice(2)
if (command === undefined) fail('usage: node scripts/bootstrap.mjs COMMAND [ARGUMENT…]')

mkdirSync(tools, { recursive: true })
const nodeFolder = isRecentEnough(process.versions.node) ? dirname(process.execPath) : fetchNode()
const pnpm = fetchPnpm()
const environment = {
  ...process.env,
  PATH: [nodeFolder, dirname(pnpm), join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
  TURBO_TELEMETRY_DISABLED: '1',
  // Where pnpm, biome and vitest keep what they would otherwise leave in the user's home.
  XDG_CACHE_HOME: join(tools, 'cache'),
  XDG_DATA_HOME: join(tools, 'data'),
  XDG_STATE_HOME: join(tools, 'state'),
  // What Node has compiled: half of what it takes to start one of the many processes of the tests.
  NODE_COMPILE_CACHE: join(tools, 'cache', 'node'),
}
// pnpm changes the lockfile on purpose, so nothing is installed from it first.
if (command !== 'pnpm') await installDependencies()
run()

/** @param {string} version */
function isRecentEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [lowestMajor = 0, lowestMinor = 0] = LOWEST_NODE
  return major > lowestMajor || (major === lowestMajor && minor >= lowestMinor)
}

/** The folder of a recent enough Node. */
function fetchNode() {
  // The npm package `node` is only an installer, whose script npm no longer runs: the platform's package has the binary.
  const name = `node-${windows ? 'win' : process.platform}-${process.arch}`
  const binary = join('node_modules', name, 'bin', windows ? 'node.exe' : 'node')
  const why = `${process.versions.node} is older than ${LOWEST_NODE.join('.')}`
  const folder = fetchPackage(`node-${FETCHED_NODE}`, `${name}@${FETCHED_NODE}`, `Node ${FETCHED_NODE}, as ${why}`)
  if (!existsSync(join(folder, binary))) fail(`${name}@${FETCHED_NODE} has no ${binary}; install Node ${FETCHED_NODE}`)
  return dirname(join(folder, binary))
}

/** The path of the pnpm binary that package.json names. */
function fetchPnpm() {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const folder = fetchPackage(packageManager.replace('@', '-'), packageManager, packageManager.replace('@', ' '))
  // By its path: node_modules/.bin/pnpm is a placeholder until an install script has run, which npm 12 blocks.
  const scope = join(folder, 'node_modules', '@pnpm')
  const platform = existsSync(scope) ? readdirSync(scope).find((name) => name.startsWith('exe.')) : undefined
  if (platform === undefined) fail(`${packageManager} has no binary for ${process.platform} on ${process.arch}`)
  return join(scope, platform, windows ? 'pnpm.exe' : 'pnpm')
}

/**
 * The folder under .tools/ where the package is installed, now or by an earlier run.
 *
 * @param {string} folderName
 * @param {string} specifier
 * @param {string} title
 */
function fetchPackage(folderName, specifier, title) {
  const folder = join(tools, folderName)
  if (existsSync(folder)) return folder
  say(`fetching ${title}`)
  // Installed in a temporary folder and renamed when complete, so that an interrupted or simultaneous run does no harm.
  const unfinished = join(tools, `unfinished-${process.pid}`)
  const cache = join(unfinished, 'cache')
  const npmArguments = ['install', '--prefix', unfinished, '--cache', cache, '--no-save', '--ignore-scripts']
  npmArguments.push('--no-package-lock', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error')
  mkdirSync(unfinished, { recursive: true })
  try {
    const { status, stderr } = npm([...npmArguments, specifier])
    if (status !== 0) fail(`npm could not fetch ${specifier}: ${reason(stderr)}`)
    rmSync(cache, { recursive: true, force: true })
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

/** @param {string[]} npmArguments */
function npm(npmArguments) {
  const started = process.env.npm_execpath ?? ''
  const options = /** @type {const} */ ({ cwd: root, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] })
  // The npm that runs us, if any does: it needs no shell on Windows.
  if (basename(started) === 'npm-cli.js') return spawnSync(process.execPath, [started, ...npmArguments], options)
  return spawnSync('npm', npmArguments, { ...options, shell: windows })
}

/** Updates node_modules to pnpm-lock.yaml; if it is up to date, this only reads a stamp. */
async function installDependencies() {
  const stamp = join(root, 'node_modules', '.installed')
  const wanted = createHash('sha256')
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) wanted.update(readFileSync(join(root, file)))
  const key = wanted.digest('hex')
  const isInStep = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === key
  if (isInStep()) return

  const unlock = await lock()
  try {
    if (isInStep()) return
    say('installing the dependencies')
    const install = ['install', '--frozen-lockfile', '--reporter=append-only']
    const { status, stdout, stderr } = spawnSync(pnpm, install, { cwd: root, env: environment, encoding: 'utf8' })
    if (status !== 0) fail(`pnpm could not install the dependencies: ${reason(`${stdout}\n${stderr}`)}`)
    writeFileSync(stamp, key)
  } finally {
    unlock()
  }
}

/** Waits until no other run installs; the answer lets the next one in. */
async function lock() {
  const file = join(tools, 'install.lock')
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' })
      const unlock = () => rmSync(file, { force: true })
      process.once('exit', unlock)
      return unlock
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (isAbandoned(file)) rmSync(file, { force: true })
    else await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** @param {string} file */
function isAbandoned(file) {
  try {
    const age = Date.now() - statSync(file).mtimeMs
    const owner = Number(readFileSync(file, 'utf8'))
    // The file is empty for a moment after it is created.
    if (owner === 0) return age > 5000
    process.kill(owner, 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}

/** Runs the command in the caller's folder's checkout, with the right Node, pnpm and the workspace's tools first on PATH. */
function run() {
  const program = command === 'node' ? join(nodeFolder, windows ? 'node.exe' : 'node') : command
  const child = spawn(program, commandArguments, { cwd: root, env: environment, stdio: 'inherit', shell: windows })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => fail(`cannot run ${command}: ${error.message}`))
  child.on('exit', (code, signal) => process.exit(signal === null ? code : 128 + (constants.signals[signal] ?? 0)))
}

/**
 * The line of a package manager's output that explains the failure.
 *
 * @param {string | null | undefined} output
 */
function reason(output) {
  const lines = (output ?? '').split('\n').map((line) => line.trim())
  if (
    lines.some((line) => /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|dns error|connect error/i.test(line))
  )
    return 'the package registry cannot be reached; is this machine online?'
  return lines.find((line) => /err/i.test(line)) ?? lines.find((line) => line !== '') ?? 'no reason was given'
}

/** @param {string} message */
function say(message) {
  process.stderr.write(`kairos: ${message} …\n`)
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  process.stderr.write(`kairos: ${message}\n`)
  process.exit(1)
}
