import type { TimeseriesType } from '@kairos/core/driver'
import type { TestContext } from './test-context.ts'

/** One test: a title that no other has, and what it does. */
export interface DriverTest {
  readonly title: string
  /** Only in the long size. */
  readonly long?: boolean
  /** The types that it is about: skipped if the driver lacks one of them. */
  readonly types?: readonly TimeseriesType[]
  /** Why it does not apply to this driver or these options; null: it does. */
  skip?(context: TestContext): Promise<string | null> | string | null
  run(context: TestContext): Promise<void>
}

/** Tests under a common title. */
export interface TestGroup {
  readonly title: string
  readonly tests: readonly DriverTest[]
}

/** The tests of each of these types. */
export function ofTypes<Type extends TimeseriesType>(
  types: readonly Type[],
  testsOf: (type: Type) => DriverTest | readonly DriverTest[],
): DriverTest[] {
  return types.flatMap((type) => [testsOf(type)].flat().map((test) => ({ ...test, types: [type] })))
}

/** Why a test is skipped; null: it runs. */
export async function reasonToSkip({ types = [], skip }: DriverTest, context: TestContext): Promise<string | null> {
  const known = await context.types()
  const missing = types.filter((type) => !known.includes(type))
  if (missing.length > 0) return `capabilities.types leaves out ${missing.join(' and ')}`
  return (await skip?.(context)) ?? null
}
