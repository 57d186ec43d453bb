import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { documents } from './code-blocks.ts'
import { describeBlocks, folderOfBlocks, isFlag, modules, root, run } from './document-blocks.ts'

describe('documents', () => {
  const { folder } = folderOfBlocks(modules)
  beforeAll(() =>
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: '../../tsconfig.base.json', compilerOptions: { noEmit: true }, include: ['*.ts'] }),
    ),
  )

  it('have modules to run, with flags that are known', () => {
    expect(modules.length).toBeGreaterThan(0)
    expect(modules.flatMap(({ flags }) => flags).filter((flag) => !isFlag(flag))).toEqual([])
  })

  it('type-check', { timeout: 300_000 }, async () => {
    const { stdout } = await run('tsc', ['-p', folder, '--pretty', 'false'], { cwd: root }).catch((error) => error)
    expect(stdout).toBe('')
  })

  it('link to files that are there', () => {
    const broken = documents().flatMap((file) =>
      [...proseOf(file).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)]
        .map(([, target = '']) => normalize(join(root, dirname(file), target)))
        .filter((target) => !existsSync(target))
        .map((target) => `${file} -> ${target}`),
    )
    expect(broken).toEqual([])
  })

  it('link to headings that are there', () => {
    const broken = documents().flatMap((file) =>
      [...proseOf(file).matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)#([^)\s]+)/g)]
        .map(([, target = '', anchor = '']) => ({
          target: target === '' ? file : normalize(join(dirname(file), target)),
          anchor,
        }))
        .filter(({ target, anchor }) => target.endsWith('.md') && !anchorsOf(target).includes(anchor))
        .map(({ target, anchor }) => `${file} -> ${target}#${anchor}`),
    )
    expect(broken).toEqual([])
  })
})

describeBlocks([])

/** The anchors that GitHub gives the headings of a document. */
function anchorsOf(file: string): string[] {
  return [...proseOf(file).matchAll(/^#+ (.*)/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** A document without its code blocks: `merge[type](value)` is not a link. */
function proseOf(file: string): string {
  return readFileSync(join(root, file), 'utf8').replace(/^```.*?^```/gms, '')
}
