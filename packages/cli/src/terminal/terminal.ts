import { once } from 'node:events'
import { styleText } from 'node:util'

/** Streams that a call reads and writes. */
export interface Streams {
  readonly stdin: NodeJS.ReadableStream
  readonly stdout: NodeJS.WritableStream
  readonly stderr: NodeJS.WritableStream
}

export type Style = 'bold' | 'dim' | 'cyan' | 'yellow' | 'magenta' | 'green' | 'blue' | 'red'

/** Where a call reads, writes and reports. */
export interface Terminal extends Streams {
  /** Whether a person looks at what is written; false in a pipe. */
  readonly isInteractive: boolean
  /** Whether a person looks at what is reported. */
  readonly reportsAreSeen: boolean
  /** Characters in a line. */
  readonly columns: number
  readonly rows: number
  /** Resolves when more can be written. Rejects with PipeClosed when nobody reads any more. */
  write(text: string): Promise<void>
  /** A line on stderr, always. */
  report(line: string): void
  /** A line on stderr for a person: nothing in a pipe. */
  note(line: string): void
  readonly hasColours: boolean
  /** The text in colour, where the terminal has colours and NO_COLOR is not set. */
  style(style: Style, text: string): string
  close(): void
}

/** What reads the output has ended, such as `head`: nothing failed. */
export class PipeClosed extends Error {}

/** Of a terminal that does not say how large it is. */
const COLUMNS = 80
const ROWS = 24

export function createTerminal(streams: Streams, env: Readonly<Record<string, string | undefined>>): Terminal {
  const { stdout, stderr } = streams
  const isInteractive = showsTerminal(stdout)
  const hasColours = isInteractive && !env.NO_COLOR && env.TERM !== 'dumb'
  let closed: Error | undefined
  const onError = (error: Error): void => {
    closed = 'code' in error && error.code === 'EPIPE' ? new PipeClosed() : error
  }
  stdout.on('error', onError)
  const report = (line: string): void => void stderr.write(`${line}\n`)
  return {
    ...streams,
    isInteractive,
    hasColours,
    reportsAreSeen: showsTerminal(stderr),
    get columns() {
      return sizeOf(stdout, 'columns') ?? COLUMNS
    },
    get rows() {
      return sizeOf(stdout, 'rows') ?? ROWS
    },
    async write(text) {
      if (closed === undefined && text !== '' && !stdout.write(text)) await once(stdout, 'drain').catch(onError)
      if (closed !== undefined) throw closed
    },
    report,
    note(line) {
      if (showsTerminal(stderr)) report(line)
    },
    style: (style, text) => (hasColours ? styleText(style, text, { validateStream: false }) : text),
    close() {
      // A pipe may report only now that its reader has ended; without a listener that would end the process with an error.
      if (stdout !== process.stdout) stdout.off('error', onError)
    },
  }
}

/** Whether a stream is a terminal. */
export function showsTerminal(stream: object): boolean {
  return 'isTTY' in stream && stream.isTTY === true
}

function sizeOf(stream: object, key: 'columns' | 'rows'): number | undefined {
  const size = (stream as { readonly columns?: unknown; readonly rows?: unknown })[key]
  return typeof size === 'number' && size > 0 ? size : undefined
}
