import { describe, expect, it } from 'vitest'
import { pathOfUrl } from '../../src/driver.ts'
import { failureOf } from '../support/failure.ts'

describe('the path of a URL', () => {
  it.each([
    ['duckdb:file.db', 'file.db'],
    ['duckdb://file.db', 'file.db'],
    ['duckdb:./a/b.db', './a/b.db'],
    ['duckdb:/var/a.db', '/var/a.db'],
    ['duckdb:///var/a.db', '/var/a.db'],
    ['DuckDB+2:a', 'a'],
    ['duckdb:my%20data%25%3F.db', 'my data%?.db'],
    ['duckdb:%C3%A4 #1.db', 'ä #1.db'],
    ['duckdb:C:/data/a.db', 'C:/data/a.db'],
    ['duckdb::memory:', ':memory:'],
    ['duckdb:', ''],
    ['duckdb://', ''],
  ])('%s is %s', (url, path) => {
    expect(pathOfUrl(url)).toBe(path)
  })

  it.each(['duckdb:a?mode=ro', 'duckdb:100%', 'duckdb:%zz', 'duckdb:%ff'])('%s is refused', async (url) => {
    expect((await failureOf(() => pathOfUrl(url), 'KAIROS_INVALID_CONFIG')).path).toBe('store')
  })
})
