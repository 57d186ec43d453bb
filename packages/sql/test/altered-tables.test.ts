import { describe, expect, it } from 'vitest'
import { sqlDriver } from '../src/index.ts'
import { ownPlaces } from './support/own-instances.ts'
import { ask } from './support/places.ts'
import { schemaOf } from './support/stores.ts'

const schema = schemaOf({ minute: '{"version":1,"step":60}' })

const everywhere = [['a column of its own', 'alter table count add column own integer']]
const alterations = {
  sqlite: everywhere,
  postgres: [...everywhere, ['values of another type', 'alter table count alter column value type real']],
  mysql: [
    ...everywhere,
    ['values of another type', 'alter table count modify value float not null'],
    ['names that ignore case', 'alter table count modify name varchar(255) not null'],
    ['shorter names', 'alter table count modify name varbinary(10) not null'],
    ['another unique key', 'create unique index own on `count` (r_time)'],
    ['a unique key on beginnings', 'create unique index own on `count` (name(3))'],
    ['no key', 'alter table count drop primary key'],
    ['a shorter key', 'alter table count drop primary key, add primary key (name, `interval`)'],
  ],
}

for (const { name, dialect, skipped, instance } of ownPlaces) {
  describe.skipIf(skipped)(`a table that was altered, on ${name}`, { timeout: 180_000 }, () => {
    it.each(alterations[dialect])('with %s is refused', async (_, alteration) => {
      const { db, end } = await instance(1)
      await sqlDriver(db).open(schema)
      await ask(db, alteration!)
      await expect(sqlDriver(db).open(schema)).rejects.toMatchObject({
        code: 'KAIROS_CONFIG_CHANGED',
        message: expect.stringMatching(/^the table count must have the (columns|primary key) /),
      })
      await end()
    })
  })
}
