import { type DriverTestOptions, describeDriver } from '../src/index.ts'

/** What became of each test of the kit, by title; null: it passed. */
export type Results = ReadonlyMap<string, Error | null>

export interface RecordOptions extends Omit<DriverTestOptions, 'runner'> {
  /** Which tests to run; default all. */
  only?(title: string): boolean
}

/** Runs the kit without any test runner, one test after the other, as runners do. */
export async function record({ only = () => true, ...options }: RecordOptions): Promise<Results> {
  const tests = new Map<string, () => Promise<void>>()
  const closing: (() => Promise<void>)[] = []
  const runner = {
    describe: (_title: string, body: () => void) => body(),
    it(title: string, test: () => Promise<void>) {
      if (tests.has(title)) throw new Error(`two tests have the title "${title}"`)
      tests.set(title, test)
    },
    after: (close: () => Promise<void>) => closing.push(close),
  }
  describeDriver({ ...options, runner })
  const results = new Map<string, Error | null>()
  for (const [title, test] of tests) {
    if (!only(title)) continue
    results.set(
      title,
      await test().then(
        () => null,
        (error: Error) => error,
      ),
    )
  }
  for (const close of closing) await close()
  return results
}

export function failedTitles(results: Results): string[] {
  return [...results].filter(([, error]) => error !== null).map(([title]) => title)
}
