import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { run } from '../../src/index.ts'

export const BIN: string = join(import.meta.dirname, '..', '..', 'src', 'bin.ts')
export const isLong: boolean = process.env.KAIROS_TEST_SIZE === 'long'

/** What a call of the command gave. */
export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** How it is called. */
export interface Calling {
  /** Whether a person looks. */
  readonly terminal?: boolean
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string | Readable
  /** Of the terminal. */
  readonly columns?: number
  readonly signal?: AbortSignal
}

/** Calls the command in this process. */
export async function kairos(argv: readonly string[], calling: Calling = {}): Promise<Ran> {
  const { terminal = false, env = {}, input = '', columns = 100, signal } = calling
  // In the long size as a process of its own, unless it needs a terminal.
  if (isLong && !terminal && signal === undefined) return kairosProcess(argv, env, input)
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const stdin = typeof input === 'string' ? Readable.from([Buffer.from(input)]) : input
  for (const stream of [stdout, stderr]) Object.assign(stream, { isTTY: terminal, columns, rows: 24 })
  const [out, err] = [text(stdout), text(stderr)]
  const code = await run(argv, { stdin, stdout, stderr, env, ...(signal && { signal }) })
  stdout.end()
  stderr.end()
  return { code, out: await out, err: await err }
}

async function kairosProcess(argv: readonly string[], env: object, input: string | Readable): Promise<Ran> {
  const child = spawn(process.execPath, ['--conditions=@kairos/source', BIN, ...argv], {
    env: { PATH: process.env.PATH, ...env },
  })
  const [out, err] = [text(child.stdout), text(child.stderr)]
  // A command that reads nothing has ended before all is written.
  child.stdin.on('error', () => {})
  if (typeof input === 'string') child.stdin.end(input)
  else input.pipe(child.stdin)
  const [code] = await once(child, 'close')
  return { code, out: await out, err: await err }
}

/** The same, for a line as it is typed: words in double quotes may contain spaces. */
export function typed(line: string, calling?: Calling): Promise<Ran> {
  return kairos(wordsOf(line).slice(1), calling)
}

/** The rows of an output in lines of JSON. */
export function rowsIn<Row = unknown>(out: string): Row[] {
  return out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

export function wordsOf(line: string): string[] {
  return Array.from(
    line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g),
    ([, double, single, plain]) => double ?? single ?? plain!,
  )
}
