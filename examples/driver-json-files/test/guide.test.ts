import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { codeBlocksOf } from '../../../scripts/test/code-blocks.ts'

const folder = join(import.meta.dirname, '..')
const files = [...globSync('src/*.ts', { cwd: folder }), 'test/conformance.ts']
const read = (file: string) => readFileSync(join(folder, file), 'utf8')

describe('docs/writing-a-driver.md', () => {
  const blocks = codeBlocksOf(join(folder, '..', '..', 'docs', 'writing-a-driver.md'))
  const written = new Map(
    blocks.filter(({ language }) => language === 'typescript').map(({ flags, code }) => [flags[0], code]),
  )

  it.for(files)('has the whole of %s', (file) => expect(written.get(file)).toBe(read(file)))

  it('has no other files', () => expect([...written.keys()].sort()).toEqual([...files].sort()))

  it('keeps to less than 200 lines of driver, besides imports and comments', () => {
    const lines = files.filter((file) => file.startsWith('src/')).flatMap((file) => read(file).split('\n'))
    expect(lines.filter((line) => !/^\s*(import |\/\/|\/?\*|$)/.test(line)).length).toBeLessThan(200)
  })
})
