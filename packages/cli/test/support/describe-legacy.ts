import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import {
  expectCells,
  type LegacyCase,
  legacyCases,
  lossesOf,
  optionsOf,
} from '../../../move/test/support/legacy-cases.ts'
import { ownDatabase } from '../../../move/test/support/legacy-stores.ts'
import { allOf, timeseriesOf } from '../../../move/test/support/samples.ts'
import { isLong, kairos } from './kairos.ts'

/** Resolutions that do not divide their steps: Kairos has the whole buckets. */
const UNEVEN: readonly string[] = ['odd', 'month_w']

/** In the short size: a resolution that does not fit, and something lost. */
const SHORT: readonly string[] = ['sqlite.gauge.gregres', 'sqlite.series.edge']

/** Moves each sample of a store of Python kairos to SQLite by the command: all cells are there, and what is lost is reported. */
export function describeLegacy(store: LegacyCase['store'], urlOf: (own: LegacyCase) => string): void {
  const folder = mkdtempSync(join(tmpdir(), 'kairos-cli-'))

  describe(`what Python kairos wrote into ${store}`, () => {
    afterAll(() => rmSync(folder, { recursive: true }))

    const cases = legacyCases(store).filter(({ id }) => isLong || SHORT.includes(id))
    it.each(cases.map((own) => [own.id, own] as const))('is migrated exactly: %s', async (id, own) => {
      const [target, file] = [`sqlite:${join(folder, `${id}.db`)}`, join(folder, `${id}.json`)]
      const coarse = Object.keys(own.intervals).filter((name) => UNEVEN.includes(name))
      const { type, valueType } = optionsOf(own)
      const intervals = Object.fromEntries(
        Object.entries(own.intervals).map(([name, { step, resolution }]) => [
          name,
          { step, ...(resolution !== undefined && !coarse.includes(name) && { resolution }) },
        ]),
      )
      const config = { type, valueType, intervals }
      writeFileSync(file, JSON.stringify({ timeseries: { moved: config } }))
      const moved = await kairos([
        ...['migrate', '--from', `kairos-py+${urlOf(own)}`, '--to', target, '--config', file, '--verify'],
        // Several cases share a place, and names tell them apart.
        ...own.names.map((name) => `--names=${name}`),
        ...flagsOf(own),
        ...coarse.map((name) => `--from-resolution=${name}=${own.intervals[name]!.resolution}`),
      ])
      expect(moved).toMatchObject({ code: 0, out: expect.stringContaining('"timeseries":"moved"') })
      const { outside, zeros } = lossesOf(own)
      const lost = Array.from(moved.err.matchAll(/^moved: lost (\d+): /gm), ([, count]) => Number(count))
      expect(lost.reduce((sum, count) => sum + count, 0)).toBe(outside + zeros)
      const copy = timeseriesOf({ name: 'moved', ...config }, target)
      expect(expectCells(own, await allOf(copy.cells()), coarse)).toBeGreaterThan(0)
      await copy.close()
    })
  })
}

function flagsOf({ store, prefix, table, database, escape_character: character }: LegacyCase): string[] {
  return [
    ...(prefix === undefined ? [] : ['--from-prefix', prefix]),
    ...(table === undefined ? [] : ['--from-table', table]),
    ...(store === 'mongo' ? ['--from-database', ownDatabase(database!)] : []),
    ...(character === undefined ? [] : ['--from-escape', character]),
  ]
}
