import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Ran, typed } from './kairos.ts'
import { deleteSamples, writeSamples } from './samples.ts'

/** Moves the samples from SQLite to a store and back. */
export function describeMigrating(title: string, store: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'kairos-cli-'))
  const file = (name: string): string => `sqlite:${join(folder, name)}`
  const ask = (line: string): Promise<Ran> => typed(`kairos ${line}`)
  const digestOf = async (url: string): Promise<string> => (await ask(`digest --store ${url}`)).out

  describe(`migrating to ${title}`, () => {
    beforeAll(() => writeSamples(file('source.db')))
    afterAll(async () => {
      await deleteSamples(store)
      rmSync(folder, { recursive: true })
    })

    it('says what would be done, and does nothing', async () => {
      const { code, out } = await ask(`migrate --from ${file('source.db')} --to ${store} --timeseries views --dry-run`)
      expect([code, out.split('\n')[0]]).toEqual([
        0,
        '{"timeseries":"views","names":2,"interval":"day","from":"day","how":"copied"}',
      ])
      expect((await ask(`digest --store ${store}`)).out).not.toMatch(/"views","cells":[1-9]/)
    })

    it('moves all that is there, and back, with the same digests', async () => {
      const there = await ask(`migrate --from ${file('source.db')} --to ${store} --verify`)
      expect([there.code, there.err]).toEqual([0, ''])
      expect(there.out).toMatch(
        /"timeseries":"views","names":2,"cells":55,"expired":0,"started":\d+(\.\d+)?,"digest":"[0-9a-f]{32}"/,
      )
      expect(await digestOf(store)).toBe(await digestOf(file('source.db')))
      expect((await ask(`migrate --from ${store} --to ${file('back.db')}`)).code).toBe(0)
      expect(await digestOf(file('back.db'))).toBe(await digestOf(file('source.db')))
    })
  })
}
