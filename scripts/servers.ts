import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { serverKinds } from './servers/kinds.ts'
import { type RunningServer, startServers, stopServers } from './servers/running.ts'

// npm run servers -- up [NAME…]: starts servers for a debugging session and prints the variables for tests to use them.
// npm run servers -- down: ends all that `up` has started.
const [action, ...names] = process.argv.slice(2)
const file = join(import.meta.dirname, '..', '.tools', 'servers.json')
const kept: RunningServer[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []

if (action === 'up') await up()
else if (action === 'down') await down()
else {
  console.error(`usage: npm run servers -- up [${serverKinds.map(({ name }) => name).join('|')} …] | down`)
  process.exitCode = 2
}

async function up(): Promise<void> {
  const wanted = serverKinds.filter(({ name }) => names.length === 0 || names.includes(name))
  const known = wanted.filter(({ name }) => !kept.some((server) => server.name === name))
  const { running, missing } = await startServers(known)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify([...kept, ...running], undefined, 2))
  for (const line of missing) console.error(line)
  for (const { variable, url } of [...kept, ...running]) console.log(`export ${variable}='${url}'`)
}

async function down(): Promise<void> {
  await stopServers(kept)
  rmSync(file, { force: true })
}
