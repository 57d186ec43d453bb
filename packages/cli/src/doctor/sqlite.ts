import { constants } from 'node:fs'
import { access, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { messageOf, pathOfUrl } from '@kairos/core/driver'
import { type Finding, finding, indexesFinding } from './finding.ts'

/** Pages that are free may be this much of a file before it is worth to give them back. */
const FREE = 0.5

/** Looks at a file of SQLite, without writing to it. */
export async function* probeSqlite(url: string): AsyncGenerator<Finding> {
  const path = pathOfUrl(url)
  if (path === '' || path === ':memory:') return
  yield await rights(path)
  const { size } = await stat(path)
  const { bavail, bsize } = await statfs(dirname(path))
  const left = bavail * bsize
  yield finding(
    'disk',
    left > size,
    `${megabytes(size)} in the file, ${megabytes(left)} free`,
    'free some space: SQLite needs as much again to clean up',
  )
  const database = new DatabaseSync(path, { readOnly: true, timeout: 1_000 })
  try {
    yield* inside(database)
  } finally {
    database.close()
  }
}

function* inside(database: DatabaseSync): Generator<Finding> {
  const one = (sql: string): unknown => Object.values(database.prepare(sql).get() ?? {})[0]
  const mode = String(one('pragma journal_mode'))
  yield finding(
    'journal',
    mode === 'wal',
    mode,
    'open it by URL once, which sets WAL: readers and writers then do not wait for each other',
  )
  const check = String(one('pragma quick_check(1)'))
  yield check === 'ok'
    ? finding('integrity', true, 'ok')
    : {
        check: 'integrity',
        state: 'fail',
        found: check,
        todo: 'restore a backup, or save what can be read: sqlite3 FILE .recover',
      }
  const [pages, free] = [Number(one('pragma page_count')), Number(one('pragma freelist_count'))]
  yield finding(
    'free pages',
    pages < 1_000 || free / pages < FREE,
    `${free} of ${pages}`,
    'if the space is needed elsewhere: sqlite3 FILE vacuum, while nothing writes',
  )
  const indexes = database
    .prepare(
      `select i.name as name from sqlite_schema i join pragma_index_info(i.name) c
        where i.type = 'index' and i.sql is not null and c.name = 'i_time' group by i.name`,
    )
    .all()
    .map(({ name }) => String(name))
  yield indexesFinding(indexes)
}

async function rights(path: string): Promise<Finding> {
  try {
    await access(path, constants.R_OK | constants.W_OK)
    // The log and its index are made beside the file.
    await access(dirname(path), constants.W_OK)
    return finding('permissions', true, 'file and folder can be written')
  } catch (error) {
    return {
      check: 'permissions',
      state: 'fail',
      found: messageOf(error),
      todo: 'let this user write the file and its folder',
    }
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
