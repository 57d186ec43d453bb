import { globSync, readFileSync } from 'node:fs'

/** A code block in a document. */
export interface CodeBlock {
  /** `docs/guide/types.md:12` */
  readonly place: string
  /** What follows the three backticks: `ts`, and words that define how it is run. */
  readonly language: string
  readonly flags: readonly string[]
  readonly code: string
}

/** Every document that people read. */
export function documents(): string[] {
  return globSync(['*.md', 'docs/**/*.md', 'packages/*/*.md', 'examples/*/*.md']).filter(
    (file) => !file.includes('node_modules') && !file.endsWith('CHANGELOG.md'),
  )
}

export function codeBlocksOf(file: string): CodeBlock[] {
  const blocks: CodeBlock[] = []
  let open: { line: number; info: string; lines: string[] } | undefined
  for (const [index, line] of readFileSync(file, 'utf8').split('\n').entries()) {
    const fence = /^\s*```(.*)$/.exec(line)
    if (fence === null) open?.lines.push(line)
    else if (open === undefined) open = { line: index + 1, info: fence[1]!.trim(), lines: [] }
    else {
      const [language = '', ...flags] = open.info.split(/\s+/)
      blocks.push({ place: `${file}:${open.line}`, language, flags, code: `${open.lines.join('\n')}\n` })
      open = undefined
    }
  }
  if (open !== undefined) throw new Error(`${file}:${open.line}: a code block does not end`)
  return blocks
}
