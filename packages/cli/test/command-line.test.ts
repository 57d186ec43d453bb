import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stdin } from 'node:process'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandGroups, commands } from '../src/commands.ts'
import { programOf } from '../src/program.ts'
import { createTerminal } from '../src/terminal/terminal.ts'
import { BIN, kairos, typed, wordsOf } from './support/kairos.ts'
import { writeSamples } from './support/samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'kairos-cli-'))
const store = `sqlite:${join(folder, 'metrics.db')}`
const env = { KAIROS_STORE: store }
beforeAll(() => writeSamples(store))
afterAll(() => rmSync(folder, { recursive: true }))

/** The command that a line asks for, without doing it. */
async function asked(line: string): Promise<string | undefined> {
  let command: string | undefined
  const terminal = createTerminal({ stdin, stdout: new PassThrough(), stderr: new PassThrough() }, {})
  const program = programOf(commandGroups, terminal, async ({ name }) => {
    command = name
  })
  await program.parseAsync(wordsOf(line.replace(/ (?:<|>>?|\|) .*$/, '')).slice(1), { from: 'user' })
  return command
}

describe('help', () => {
  it.each(commands.map((each) => [each.name, each] as const))(
    'of %s has examples that parse',
    async (name, command) => {
      const { code, out } = await kairos(['help', name])
      expect([code, command.examples.length > 0]).toEqual([0, true])
      for (const [line] of command.examples) {
        expect(out).toContain(`  ${line}\n`)
        expect(await asked(line)).toBe(name)
      }
    },
  )

  it('parses what the guide says', async () => {
    const guide = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'guide', 'command-line.md'), 'utf8')
    const lines = Array.from(guide.matchAll(/^kairos .*$/gm), ([line]) => line)
    expect(lines.length).toBeGreaterThan(15)
    for (const line of lines) expect(await asked(line), line).toBe(wordsOf(line)[1])
  })

  it('comes without a command, which is misuse', async () => {
    expect(await kairos([])).toMatchObject({ code: 2, out: '', err: expect.stringContaining('Usage: kairos') })
    expect(await kairos(['--help'])).toMatchObject({ code: 0, err: '', out: expect.stringContaining('First steps') })
    expect((await kairos(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

describe('misuse', () => {
  it.each([
    ['seres home', /unknown command 'seres'\n\(Did you mean series\?\)/],
    ['series home --evry 1h', /unknown option '--evry'\n\(Did you mean --every\?\)/],
    [
      'list --timeseries wiews',
      /--timeseries must be one of those at .* \(unnamed:summary, cities, times, views\), not "wiews"/,
    ],
    ['insert', /missing required argument 'name'\nkairos insert --help shows/],
    ['series', /names must be given: those that list shows, --prefix or --all/],
    ['get home --all --interval hour --timeseries views', /only one of names, --prefix and --all must be given/],
    ['top --interval week --timeseries views', /--interval must be an interval of views/],
    [
      'digest --interval hour,week',
      /--interval must be among the intervals of these timeseries \(hour, day, hours\), not "week"/,
    ],
    ['list', /must be chosen: --timeseries unnamed:summary, cities, times, views/],
    ['get home --timeseries views', /an interval of views must be chosen: --interval hour, day, hours/],
    [
      'get home --interval week --timeseries views',
      /--interval must be an interval of views \(hour, day, hours\), not "week"/,
    ],
    ['get home day --timeseries views --timestamp soon', /--timestamp must be a time such as .*, not "soon"/],
    [
      'series home day --timeseries views --fill much',
      /--fill must be none, null, a number, previous or linear, not "much"/,
    ],
    [
      'series home day --timeseries views --steps 0',
      /--steps <count>' argument '0' is invalid. It must be a whole number of at least 1/,
    ],
    ['get home day --timeseries views --transform p95', /a count has no transform "p95"; it has: rate/],
    ['get home --timeseries cities --transform share:15', /share must be a comparison such as share:>15/],
    ['query home --timeseries views', /--start must be given/],
    ['--store sqlite:a.db list', /unknown option '--store'\nFlags come after the command: kairos list --store/],
    ['list --store metrics.db', /--store must be a URL: sqlite:metrics.db, not "metrics.db"/],
    ['get home day --timeseries views --zone Nowhere', /zone must be/],
    ['discover --zone Nowhere', /zone must be/],
    ['list --store rediss', /--store must be/],
    ['list --store reddis://localhost', /did you mean redis:\?/],
    ['list --format yaml', /Allowed choices are table, json, ndjson, csv/],
  ])('%s', async (line, message) => {
    const { code, out, err } = await typed(`kairos ${line}`, { env })
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(message)
  })

  it('of a place without timeseries says so', async () => {
    for (const line of ['list --store memory:', `migrate --from memory: --to ${store}`])
      expect(await typed(`kairos ${line}`)).toMatchObject({
        ...{ code: 2, out: '' },
        err: expect.stringContaining('there is no timeseries at memory:'),
      })
    expect(await kairos(['list'])).toMatchObject({ code: 2, err: expect.stringContaining('--store sqlite:metrics.db') })
  })
})

it.each([
  'discover URL',
  'list --store URL',
  'series home hour --store URL',
  'digest --store URL',
  'doctor URL',
  'insert home --store URL',
  'delete home --yes --store URL',
  'migrate --from URL --to memory:',
])('%s of a file that does not exist says so, and makes none', async (line) => {
  const path = join(folder, 'none.db')
  const { code, out, err } = await typed(`kairos ${line.replace('URL', `sqlite:${path}`)}`)
  expect([code > 0, out + err, existsSync(path)]).toEqual([true, expect.stringContaining(`there is no`), false])
})

it('a word too many is reported without its password', async () => {
  const { code, err } = await kairos(['discover', 'sqlite:a.db', 'redis://app:secret@localhost'])
  expect([code, err.includes('redis://***@localhost'), err.includes('secret')]).toEqual([2, true, false])
})

it('what failed is reported without its password, with exit code 1', async () => {
  const { code, err } = await kairos(['list', '--store', 'redis://app:secret@127.0.0.1:1', '--patience', '1000'])
  expect(code).toBe(1)
  expect(err).toMatch(/^kairos: .*127\.0\.0\.1/)
  expect(err).not.toContain('secret')
})

it('a name without data is noted to a person', async () => {
  const line = 'kairos series hom hour --start 2024-02-29 --steps 1 --timeseries views'
  expect((await typed(line, { env, terminal: true })).err).toBe(
    'hom has no data in views: list shows the names that do\n',
  )
  expect((await typed(line, { env })).err).toBe('')
})

it('an interrupted call has exit code 130', async () => {
  const signal = AbortSignal.abort()
  const { code, err } = await typed('kairos iterate home hour --timeseries views', { env, signal })
  expect([code, err]).toEqual([130, 'kairos: interrupted\n'])
})

describe('output', () => {
  const line = 'kairos get home hour --timeseries views --timestamp 2024-02-29T14:10'

  it('is a table on a terminal, in colour unless NO_COLOR is set', async () => {
    const coloured = await typed(line, { env, terminal: true })
    expect(coloured.out).toBe(
      '\u001b[1mtime\u001b[22m                       \u001b[1mvalue\u001b[22m\n2024-02-29T14:00:00+01:00      7\n',
    )
    const plain = await typed(line, { env: { ...env, NO_COLOR: '1' }, terminal: true })
    expect(plain.out).toBe('time                       value\n2024-02-29T14:00:00+01:00      7\n')
  })

  it.each([
    ['ndjson', '{"start":1709211600,"time":"2024-02-29T14:00:00+01:00","value":7}\n'],
    ['json', '[\n{"start":1709211600,"time":"2024-02-29T14:00:00+01:00","value":7}\n]\n'],
    ['csv', 'start,time,value\n1709211600,2024-02-29T14:00:00+01:00,7\n'],
    ['table', 'time                       value\n2024-02-29T14:00:00+01:00      7\n'],
  ])('is %s if asked for', async (format, expected) => {
    expect(await typed(`${line} --format ${format}`, { env })).toEqual({ code: 0, out: expected, err: '' })
  })

  it('of nothing is valid', async () => {
    const nothing = 'kairos list --timeseries views --prefix x --format'
    expect((await typed(`${nothing} json`, { env })).out).toBe('[]\n')
    expect((await typed(`${nothing} csv`, { env })).out).toBe('name\n')
    expect(await typed(`${nothing} table`, { env, terminal: true })).toMatchObject({
      out: '',
      err: 'no names in views\n',
    })
  })
})

it('ends cleanly with Ctrl-C', async () => {
  const words = ['plot', 'home', '--timeseries', 'views', '--watch', '1h', '--store', store]
  const child = spawn(process.execPath, ['--conditions=@kairos/source', BIN, ...words])
  const said = text(child.stderr)
  await once(child.stdout, 'data')
  child.kill('SIGINT')
  const [code] = await once(child, 'exit')
  expect([code, await said]).toEqual([130, 'kairos: interrupted\n'])
})

it('runs as a process, and ends quietly when its reader has enough', async () => {
  const node = `"${process.execPath}" --conditions=@kairos/source "${BIN}"`
  const script = `${node} series home hour --start 2020-01-01 --end 2024-02-29 --timeseries views --store "${store}" | head -n 1; echo "\${PIPESTATUS[0]}"`
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script])
  expect([stdout, stderr]).toEqual(['{"start":1577833200,"time":"2020-01-01T00:00:00+01:00","value":0}\n0\n', ''])
})
