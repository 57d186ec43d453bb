import type { Report } from './harness.ts'

/** The benchmarks of one package or store. */
export interface Suite {
  /** Names of the server kinds (scripts/servers/kinds.ts) that it needs. */
  readonly servers: readonly string[]
  /** `urls`: by the servers' names. */
  run(report: Report, urls: Readonly<Record<string, string>>): Promise<void>
}
