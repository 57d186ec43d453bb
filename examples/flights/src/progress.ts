import { type Options, SingleBar } from 'cli-progress'

/** Shows the progress of a piece of work. */
export interface Progress {
  /** This many more are done. */
  advance(by: number): void
  finish(): void
}

const BAR: Options = {
  format: '  {title}  {bar} {percentage}%  {value} of {total}',
  barCompleteChar: '█',
  barIncompleteChar: '░',
  hideCursor: true,
}

/** A bar on a terminal; in a pipe one plain line at each quarter. */
export function startProgress(title: string, total: number): Progress {
  return process.stdout.isTTY ? bar(title, total) : lines(title, total)
}

function bar(title: string, total: number): Progress {
  const single = new SingleBar(BAR)
  single.start(total, 0, { title: title.padEnd(12) })
  return { advance: (by) => single.increment(by), finish: () => single.stop() }
}

function lines(title: string, total: number): Progress {
  let done = 0
  return {
    advance(by) {
      const before = Math.floor((done * 4) / total)
      done += by
      if (Math.floor((done * 4) / total) > before) console.log(`  ${title}: ${done} of ${total}`)
    },
    finish() {},
  }
}
