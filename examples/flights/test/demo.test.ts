import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { openFlights } from '../src/timeseries.ts'

const run = promisify(execFile)
const main = join(import.meta.dirname, '..', 'src', 'main.ts')
const FLIGHTS = 20_000
const QUARTER = { start: new Date('2001-01-01'), end: new Date('2001-03-31') }

describe('the demo', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'kairos-demo-'))
  const file = join(folder, 'flights.db')
  const demo = (db: string) => run(process.execPath, ['--conditions=@kairos/source', main, db])
  afterAll(() => rmSync(folder, { recursive: true }))

  async function countOf(db: string): Promise<number | undefined> {
    const flights = openFlights(`sqlite:${db}`)
    try {
      const airports = await flights.departures.list()
      const all = await flights.departures.series(airports, 'month', { ...QUARTER, collapse: true })
      return all.values().next().value
    } finally {
      await flights.close()
    }
  }

  it('stores all flights and answers', async () => {
    const { stdout, stderr } = await demo(file)
    expect(stderr).toBe('')
    expect(stdout).toContain('departures: 20000 of 20000')
    expect(stdout).toContain('2001-01: 339 flights, 3.8 minutes late on average, from -53 to 219')
    expect(stdout).toContain('the last one of the quarter: -1 minutes')
    expect(stdout).toContain('nine of ten 37 minutes, ninety-nine of a hundred 138 minutes')
    expect(stdout).toContain('2001-01: from 67 to 2072 miles, 729 on average')
    expect(stdout).toContain('about 3028; 2977 exactly')
    expect(await countOf(file)).toBe(FLIGHTS)
  })

  it('finds its data again, and the lines that it prints ask them more', async () => {
    const { stdout } = await demo(file)
    expect(stdout).toContain('already')
    expect(await countOf(file)).toBe(FLIGHTS)
    const lines = stdout.split('\n').filter((line) => /^ {2}(import|const|console)/.test(line))
    const question = join(folder, 'question.ts')
    const source = lines
      .join('\n')
      .replace('./examples/flights', join(import.meta.dirname, '..'))
      .replace(/sqlite:[^']*/, `sqlite:${file}`)
    expect(lines).toHaveLength(3)
    writeFileSync(question, source)
    const answer = await run(process.execPath, ['--conditions=@kairos/source', question])
    expect(answer.stdout).toMatch(/^Map\(1\) {\s*980985600 => [\d.]+\s*}/)
  })

  it('starts over after it was killed midway', async () => {
    const cut = join(folder, 'cut.db')
    const child = spawn(process.execPath, ['--conditions=@kairos/source', main, cut], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    for await (const text of child.stdout.setEncoding('utf8')) if (String(text).includes('delays: 5000')) break
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    expect((await demo(cut)).stdout).not.toContain('already')
    expect(await countOf(cut)).toBe(FLIGHTS)
  })
})
