import type { TimeseriesType } from '@kairos/core'
import type { Dialect, DialectId } from './dialects/dialect.ts'
import { RECEIPTS, RECORDS } from './dialects/identifiers.ts'
import { dialects } from './dialects/index.ts'
import { checkFits, parseOptions, type SqlDriverOptions } from './options.ts'
import { FIRST_GENERATION } from './schema/generation.ts'
import { qualified, tableOf } from './schema/place.ts'
import { tableNameOf } from './schema/table-name.ts'

/**
 * The statements that the driver would run to create a timeseries' tables, for your own migrations together with `manageSchema: false`.
 * @throws KAIROS_INVALID_CONFIG for options that do not fit the database
 * @example console.log(tableStatements('postgres', { type: 'gauge', valueType: 'decimal' }, { tableName: 'prices' }).join(';\n'))
 */
export function tableStatements(
  dialect: DialectId,
  config: {
    readonly name?: string | undefined
    readonly type: TimeseriesType
    readonly valueType?: string | undefined
  },
  options: Pick<SqlDriverOptions, 'tableName' | 'stringLength' | 'schema'> = {},
): string[] {
  const settings = parseOptions(options)
  const chosen: Dialect = dialects[dialect]
  checkFits(settings, chosen)
  const { name, type, valueType = 'float' } = config
  const tableName = tableNameOf(settings.tableName, { type, name })
  const place = { ...settings, dialect: chosen, name, tableName, codec: null }
  const table = tableOf(place, { type, valueType, stringLength: settings.stringLength }, FIRST_GENERATION)
  return [
    ...(settings.schema === null ? [] : [`create schema if not exists ${chosen.quote(settings.schema)}`]),
    chosen.createRecords(qualified(place, RECORDS)),
    ...chosen.createReceipts(qualified(place, RECEIPTS)),
    ...chosen.createTable(table),
  ]
}
