import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { typed } from './support/kairos.ts'
import { writeSamples } from './support/samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'kairos-cli-'))
const store = `sqlite:${join(folder, 'metrics.db')}`
beforeAll(() => writeSamples(store))
afterAll(() => rmSync(folder, { recursive: true }))

const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8')
const session = Array.from(readme.matchAll(/```console\n(.*?)```/gs), ([, block]) => block).join('')
const exchanges = Array.from(
  session.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm),
  ([, line, answer]) => [line!, answer!] as const,
)

it.each(exchanges.filter(([line]) => line.startsWith('kairos ')))(
  'the README shows what `%s` answers',
  async (line, answer) => {
    const env = { KAIROS_STORE: store, NO_COLOR: '1' }
    const { code, out, err } = await typed(line.replaceAll('sqlite:metrics.db', store), { env, terminal: true })
    expect([out + err, code]).toEqual([answer, 0])
  },
)
