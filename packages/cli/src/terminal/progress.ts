import { type Options, SingleBar } from 'cli-progress'
import type { Terminal } from './terminal.ts'

/** How far something has come, for a person. */
export interface Progress {
  /** `total`: of how many, where it is known. */
  update(done: number, total?: number): void
  /** Takes it away. */
  stop(): void
}

const SILENT: Progress = { update() {}, stop() {} }
/** In milliseconds: what is done sooner shows nothing. */
const PATIENCE = 500

/** Shows on stderr how many are done, how fast and, where it is known of how many, how long it takes; nothing in a pipe. */
export function startProgress({ stderr, reportsAreSeen }: Terminal, what: string): Progress {
  if (!reportsAreSeen) return SILENT
  const started = performance.now()
  let bar: SingleBar | undefined
  return {
    update(done, total) {
      const elapsed = performance.now() - started
      if (bar === undefined && elapsed < PATIENCE) return
      bar ??= barOf(stderr, what, total)
      if (total !== undefined) bar.setTotal(total)
      bar.update(done, { rate: rateOf(done, elapsed) })
    },
    stop() {
      bar?.stop()
    },
  }
}

function barOf(stream: NodeJS.WritableStream, what: string, total: number | undefined): SingleBar {
  const options: Options = {
    stream,
    format:
      total === undefined
        ? `{value} ${what}, {rate}/s`
        : `{bar} {value} of {total} ${what}, {rate}/s, {eta_formatted} left`,
    barsize: 24,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    clearOnComplete: true,
    hideCursor: true,
    // What an interruption does is decided elsewhere.
    gracefulExit: false,
  }
  const bar = new SingleBar(options)
  bar.start(total ?? 0, 0, { rate: 0 })
  return bar
}

function rateOf(done: number, milliseconds: number): number {
  return Math.round((done / milliseconds) * 1000)
}
