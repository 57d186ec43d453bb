import { type LineForm, lineIntake, type Target } from '../../src/listen/line-intake.ts'
import { LineStream, linesIn } from '../../src/listen/line-stream.ts'
import { IntakeStats } from '../../src/write/intake-stats.ts'
import { NameTable } from '../../src/write/name-table.ts'
import { FAULTS } from '../../src/write/reasons.ts'
import type { Source } from '../../src/write/source.ts'
import type { NameRoute } from '../../src/write/writer.ts'

/** Bytes of the longest line that is taken. */
const MOST = 60
/** Bytes of names after which a table is emptied: a few of them. */
const FEW_NAMES = 2_000

/** What became of what one protocol took: values and what was refused, in the order in which they came. */
export class Taken {
  readonly log: unknown[] = []
  readonly stats = new IntakeStats()
  readonly #form: LineForm
  readonly #source: Source = { listener: 'lines', peer: 'test', isLossy: false, stats: this.stats }
  readonly #target: Target

  constructor(form: LineForm) {
    const names = new NameTable<NameRoute>(FEW_NAMES, (bytes) => ({
      name: bytes.toString('latin1'),
      fault: bytes.includes('!') ? FAULTS.name : undefined,
      destinations: { value: [], count: [], timing: [], gauge: [], member: [] },
    }))
    const note =
      (method: string) =>
      ({ name, fault }: NameRoute, ...rest: unknown[]) => {
        if (fault === undefined) this.log.push([name, method, ...rest])
        return fault
      }
    const writer = {
      names,
      find: (bytes: Buffer, start: number, end: number, hash: number) => names.find(bytes, start, end, hash).value,
      add: note('add'),
      addGauge: note('addGauge'),
    }
    const deadLetters = {
      addBytes: (fault: object, source: string, bytes: Buffer, start: number, end: number) =>
        this.log.push([fault, source, bytes.toString('latin1', start, end)]),
    }
    this.#form = form
    this.#target = { writer, deadLetters } as unknown as Target
  }

  stream(): LineStream {
    return new LineStream(lineIntake(this.#form, this.#target, this.#source), MOST)
  }

  packet(bytes: Buffer): void {
    linesIn(bytes, lineIntake(this.#form, this.#target, this.#source), MOST)
  }
}
