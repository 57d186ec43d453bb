import type { Context } from '../context.ts'
import type { ReadPlan } from './plan.ts'

/** The plan with the names that it asks for by their labels. Not called for others, which need no promise. */
export async function named(context: Context, plan: ReadPlan): Promise<ReadPlan> {
  const { namedByLabels } = await import('./by-labels.ts')
  return namedByLabels(context, plan)
}
