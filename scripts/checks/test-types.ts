import { type Outcome, run } from '../commands.ts'

/**
 * How many types the compiler may make of generic ones for all tests, examples and benchmarks: what an application's editor and build pay for our
 * types grows with it. Lower it when it falls; raise it by what new tests need.
 */
const LARGEST_INSTANTIATIONS = 1_574_500

/** Whether the test project's types are right, and cheap enough. */
export async function checkTestTypes(): Promise<Outcome> {
  // With several checkers, each makes types that another has made already; incrementally, those of unchanged files are not counted.
  const counted = ['--incremental', 'false', '--singleThreaded', '--extendedDiagnostics']
  const { ok, output } = await run('tsc', ['-p', 'tsconfig.tests.json', ...counted])
  const instantiations = Number(/^Instantiations:\s+(\d+)$/m.exec(output)?.[1] ?? Number.NaN)
  if (instantiations <= LARGEST_INSTANTIATIONS) return { ok, output }
  const excess = `tsconfig.tests.json must need at most ${LARGEST_INSTANTIATIONS} type instantiations, not ${instantiations}\n`
  return { ok: false, output: `${output}${excess}` }
}
