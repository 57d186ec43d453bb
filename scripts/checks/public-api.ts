import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Outcome } from '../commands.ts'
import { type EntryPoint, entryPoints } from './public-names.ts'

/** The committed list of all exports, so that changes show in review. */
const FILE = 'docs/exports.txt'

/** Whether the entry points export what the list says. */
export async function checkExports(): Promise<Outcome> {
  const [listed, found] = [existsSync(FILE) ? readFileSync(FILE, 'utf8').split('\n') : [], linesOf(entryPoints())]
  const output = [
    ...found.filter((line) => !listed.includes(line)).map((line) => `${FILE} must list ${line}\n`),
    ...listed.filter((line) => !found.includes(line)).map((line) => `${FILE} lists ${line}, which is not exported\n`),
  ]
  if (output.length > 0) output.push('If the change is intended: npm run exports\n')
  return { ok: output.length === 0, output: output.join('') }
}

/** Writes the list. */
export function writeExports(): void {
  writeFileSync(FILE, linesOf(entryPoints()).join('\n'))
}

/** Whether every exported name has a doc comment, and that of every function an example. */
export async function checkDocComments(): Promise<Outcome> {
  const missing = entryPoints().flatMap(({ specifier, names }) => [
    ...names.filter(({ comment }) => comment === '').map(({ name }) => `${specifier}: ${name} has no doc comment\n`),
    ...names
      .filter(({ callable, comment }) => callable && !comment.includes('@example'))
      .map(({ name }) => `${specifier}: the doc comment of ${name} has no @example\n`),
  ])
  return { ok: missing.length === 0, output: missing.join('') }
}

/** `@kairos/core  type Names`: each line is self-contained, so that a difference makes sense by itself. */
function linesOf(points: readonly EntryPoint[]): string[] {
  const lines = points.flatMap(({ specifier, names }) =>
    names.map(({ name, type }) => `${specifier}  ${type ? 'type ' : ''}${name}`),
  )
  return [...lines, '']
}
