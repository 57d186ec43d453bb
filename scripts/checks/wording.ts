import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Outcome } from '../commands.ts'

/** A phrase that reads as if it were translated. */
interface Phrase {
  readonly found: RegExp
  readonly better: string
}

const PHRASES: readonly Phrase[] = [
  {
    found:
      /(?<!\bthere )\b(?:is|are|was|were) no (?!longer|more|less|such|(?:larg|fast|slow|small|bett|lat|earli)er)/gi,
    better: 'is not a',
  },
  { found: /(?<!\bthere )\b(?:is|are|was|were) none\b/gi, better: 'is not one, or the name of what is wrong' },
  {
    found: /\b(?:is|are|was|were|be|been) told\b(?! apart)|\btold of\b|\bunless told\b/gi,
    better: 'learns, gets, is reported',
  },
  { found: /\bfor ever\b/gi, better: 'forever, never' },
  {
    found: /\bof the caller['’]s(?= own\b|[^ \w])|\bof (?:yours|theirs|ours)\b|\bof your own\b/gi,
    better: 'your own x, the caller’s x',
  },
  { found: /\bnobody knows\b/gi, better: 'it is unknown whether' },
  { found: /\bwhoever\b|\bwho(?:ever)? dies\b/gi, better: 'the process, writer or reader that' },
  { found: /\bmak(?:es?|ing) no sense\b/gi, better: 'is invalid' },
  { found: /\banew\b/gi, better: 'again' },
  { found: /\b(?:be|is|are|was) had\b|\bhow to have it\b/gi, better: 'is available, can be installed' },
  { found: /\bso many\b(?![^.;]* that\b)/gi, better: 'this many, that many' },
  { found: /\bgo(?:es)? on\b(?! top\b)/gi, better: 'continues' },
  { found: /\bhears? of\b|\btells? of\b/gi, better: 'learns about, reports' },
  { found: /\bstands?\b(?! (?:in|alone|for|between)\b)|(?<!-)\bstood\b/gi, better: 'is, holds, applies' },
]

/** Lines that may keep such a phrase: the file, a part of the line, and why. */
const EXCEPTIONS: readonly (readonly [file: string, part: string, reason: string])[] = []

const FILES = ['*.ts', '*.mjs', '*.md', '*.yml', '*.yaml', '*.json', '*.java', '*.py']
/** Other people's text, what tools write, and this list. */
const NOT = ['pnpm-lock.yaml', 'packages/*/test/vectors', 'packages/*/vectors', 'scripts/checks/wording.ts']

/** Whether what people read here is free of the phrases above. */
export async function checkWording(): Promise<Outcome> {
  const listed = execFileSync('git', ['ls-files', '-z', '--', ...FILES, ...NOT.map((path) => `:!${path}`)])
  const output = listed.toString().split('\0').filter(Boolean).flatMap(phrasesIn)
  return { ok: output.length === 0, output: output.join('') }
}

function phrasesIn(file: string): string[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.flatMap((line, at) => {
    if (EXCEPTIONS.some(([where, part]) => where === file && line.includes(part))) return []
    return PHRASES.flatMap(({ found, better }) =>
      (line.match(found) ?? []).map((phrase) => `${file}:${at + 1}: "${phrase.trim()}": write ${better}\n`),
    )
  })
}
