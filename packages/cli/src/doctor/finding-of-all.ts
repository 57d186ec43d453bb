import type { Finding } from './finding.ts'

const BY_WEIGHT = ['ok', 'warn', 'fail'] as const

/** One finding for each check of several servers: what is wrong with which of them, else what is found at all. */
export function findingsOfAll(findings: ReadonlyMap<string, readonly Finding[]>): Finding[] {
  const checks = new Map<string, [server: string, Finding][]>()
  for (const [server, own] of findings)
    for (const each of own) checks.set(each.check, [...(checks.get(each.check) ?? []), [server, each]])
  return Array.from(checks, ([check, own]) => {
    const wrong = own.filter(([, { state }]) => state !== 'ok')
    if (wrong.length === 0)
      return { check, state: 'ok', found: [...new Set(own.map(([, { found }]) => found))].join('; ') }
    const state = BY_WEIGHT[Math.max(...wrong.map(([, each]) => BY_WEIGHT.indexOf(each.state)))]!
    const todo = wrong.find(([, each]) => each.state === state)![1].todo
    const found = shared(wrong, own.length) ?? wrong.map(([server, each]) => `${server}: ${each.found}`).join('; ')
    return { check, state, found, ...(todo !== undefined && { todo }) }
  })
}

/** What all of them have in common. */
function shared(wrong: readonly (readonly [string, Finding])[], all: number): string | undefined {
  const found = new Set(wrong.map(([, each]) => each.found))
  return wrong.length === all && found.size === 1 ? [...found][0] : undefined
}
