import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createTimeseries } from '@kairos/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clockFinding, isAtLeast } from '../src/doctor/finding.ts'
import { findingsOf } from './support/findings.ts'
import { typed } from './support/kairos.ts'

const folder = mkdtempSync(join(tmpdir(), 'kairos-cli-'))
const file = join(folder, 'metrics.db')
const store = `sqlite:${file}`
afterAll(() => rmSync(folder, { recursive: true }))
beforeAll(async () => {
  const views = createTimeseries(store, { name: 'views', type: 'count', intervals: { hour: { step: '1h' } } })
  await views.insert('home')
  await views.close()
})

describe('doctor', () => {
  it('finds nothing wrong with a file that is right', async () => {
    const { code, states } = await findingsOf(`sqlite:${file}`)
    // How long connecting takes is the machine's affair.
    const wrong = Object.entries(states).filter(([check, state]) => state !== 'ok' && check !== 'connection')
    expect([code, wrong]).toEqual([0, []])
    expect(Object.keys(states)).toEqual([
      ...[
        'connection',
        'timeseries',
        'timeseries views',
        'permissions',
        'disk',
        'journal',
        'integrity',
        'free pages',
        'indexes',
      ],
    ])
  })

  it('says what is wrong, and what to do', async () => {
    const database = new DatabaseSync(file)
    const [{ name }] = database
      .prepare(
        `select m.name from sqlite_schema m join pragma_table_info(m.name) c where m.type = 'table' and c.name = 'i_time'`,
      )
      .all() as [{ name: string }]
    database.exec(`create index mine on "${name}" (i_time)`)
    database.close()
    const { findings } = await findingsOf(store)
    expect(findings.indexes).toMatchObject({ state: 'warn', found: 'mine', todo: expect.stringContaining('drop') })
    // A superuser may write what nobody may.
    chmodSync(file, 0o444)
    const { states } = await findingsOf(store)
    expect(states.permissions).toBe(process.getuid?.() === 0 ? 'ok' : 'fail')
    chmodSync(file, 0o644)
  })

  it('fails where it cannot connect, without a password', async () => {
    const { code, findings, err } = await findingsOf('redis://app:secret@127.0.0.1:1', '--patience 200')
    expect([code, err]).toEqual([1, 'kairos: failed: connection\n'])
    expect(findings.connection).toMatchObject({ state: 'fail', todo: expect.stringContaining('firewall') })
    expect(JSON.stringify(findings)).not.toContain('secret')
    expect((await findingsOf(`sqlite:${join(folder, 'none.db')}`)).findings.file).toMatchObject({ state: 'fail' })
    expect(await typed(`kairos doctor ${store} --store ${store}`)).toMatchObject({ code: 2 })
  })

  it('measures clocks and versions', () => {
    expect(clockFinding(100, 99.5, 100.5)).toMatchObject({ state: 'ok', found: 'as this machine' })
    expect(clockFinding(90, 99.5, 100.5)).toMatchObject({ state: 'warn', found: '9.5 s behind this machine' })
    expect([isAtLeast('7.0.15', [6, 2]), isAtLeast('6.2.0', [6, 2]), isAtLeast('6.0.9', [6, 2])]).toEqual([
      true,
      true,
      false,
    ])
  })
})
