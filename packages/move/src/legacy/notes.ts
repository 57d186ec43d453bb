import type { LegacyLossReason, LegacyReport, Notes } from './types.ts'

const EXPLANATIONS: Readonly<Record<LegacyLossReason, string>> = {
  value: 'it is not a value of this valueType',
  name: 'an empty name is not a name here',
  bucket:
    'its number is not a bucket of this step or resolution, or it has a resolution where the configuration has none, or none where it has one',
  outside:
    "its resolution bucket lies outside its interval's bucket: a negative time with a fraction was rounded towards 0, differently for both",
  missing: 'the index names it and its data is not there: a count of 0 was never written, or it expired in between',
  rounded: 'it has more digits than a number holds: the nearest number was taken',
  encoding: 'it is not UTF-8, or was damaged on the way to it',
  duplicate: 'a gauge has several rows for one bucket: the last was taken',
}

/** How many examples are kept for each reason. */
const EXAMPLES = 5

/** Counts what reading finds. */
export class ReportNotes implements Notes {
  cells = 0
  cut = 0
  #skipped = 0
  readonly #lost = new Map<LegacyLossReason, { count: number; examples: string[] }>()

  skip(): void {
    this.#skipped++
  }

  lose(reason: LegacyLossReason, example: string): void {
    const loss = this.#lost.get(reason) ?? { count: 0, examples: [] }
    loss.count++
    if (loss.examples.length < EXAMPLES) loss.examples.push(example)
    this.#lost.set(reason, loss)
  }

  get report(): Omit<LegacyReport, 'limits'> {
    const { cells, cut } = this
    const lost = Array.from(this.#lost, ([reason, { count, examples }]) => ({
      reason,
      explanation: EXPLANATIONS[reason],
      count,
      examples: [...examples],
    }))
    return { cells, cut, skipped: this.#skipped, lost }
  }
}
