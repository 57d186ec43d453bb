import { type DriverTestOptions, describeDriver } from '../src/index.ts'

/** The result of each test of the kit, by title; null: it passed; a text: why it was skipped. */
export type Results = ReadonlyMap<string, Error | string | null>

export interface RecordOptions extends Omit<DriverTestOptions, 'runner'> {
  /** Which tests to run; default all. */
  only?(title: string): boolean
}

/** Runs the kit's short size without any test runner, one test after the other, as runners do. What is tested here is the kit. */
export async function record({ only = () => true, ...options }: RecordOptions): Promise<Results> {
  const tests = new Map<string, (context: object) => Promise<void>>()
  const closing: (() => Promise<void>)[] = []
  const runner = {
    describe: (_title: string, body: () => void) => body(),
    it(title: string, test: (context: object) => Promise<void>) {
      if (tests.has(title)) throw new Error(`two tests have the title "${title}"`)
      tests.set(title, test)
    },
    after: (close: () => Promise<void>) => closing.push(close),
  }
  describeDriver({ size: 'short', ...options, runner })
  const results = new Map<string, Error | string | null>()
  for (const [title, test] of tests) {
    if (!only(title)) continue
    let skipped: string | null = null
    const skip = (reason: string) => {
      skipped = reason
    }
    results.set(
      title,
      await test({ skip }).then(
        () => skipped,
        (error: Error) => error,
      ),
    )
  }
  for (const close of closing) await close()
  return results
}

/** The message of a test's failure; undefined: it did not fail. */
export function messageOf(results: Results, title: string): string | undefined {
  const result = results.get(title)
  return result instanceof Error ? result.message : undefined
}

export function skippedTitles(results: Results): string[] {
  return [...results].filter(([, result]) => typeof result === 'string').map(([title]) => title)
}

export function failedTitles(results: Results): string[] {
  return [...results].filter(([, result]) => result instanceof Error).map(([title]) => title)
}
