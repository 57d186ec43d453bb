import { type CellToWrite, createTimeseries } from '@kairos/core'
import { copied } from './copied.ts'

/** Copies one store into another, and prints a line after each of its parts. */
const [from, to] = process.argv.slice(2) as [string, string]
const [source, target] = [createTimeseries(from, copied), createTimeseries(to, copied)]
let part: CellToWrite[] = []

async function writePart(): Promise<void> {
  await target.write(part, { mode: 'replace' })
  part = []
  console.log('written')
}

for await (const cell of source.cells()) if (part.push(cell) === 500) await writePart()
await writePart()
await Promise.all([source.close(), target.close()])
