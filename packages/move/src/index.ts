export { scalarOf as parseValue } from './cells/cell-json.ts'
export type { AnyCell, AnyTimeseries, CellChoice, CellSource } from './cells/source.ts'
export { openRedisCounters, type RedisCountersOptions } from './counters/open-redis-counters.ts'
export { type CellsDigest, type Digest, digest } from './digest.ts'
export { type CellColumn, type ExportOptions, exportCells } from './export-cells.ts'
export type { Format } from './formats/options.ts'
export type { ImportInput } from './formats/rows.ts'
export type { DeadRow, ImportCalls, ImportResult } from './import/batches.ts'
export type { Columns } from './import/fields.ts'
export { type ImportCellsOptions, importCells } from './import/import-cells.ts'
export { type ImportPointsOptions, importPoints, type PointField, type TimeUnit } from './import/import-points.ts'
export {
  type ImportKronosOptions,
  type ImportKronosResult,
  importKronos,
  type KronosProgress,
} from './kronos/import-kronos.ts'
export { openLegacy } from './legacy/open-legacy.ts'
export type {
  LegacyCellsOptions,
  LegacyLoss,
  LegacyLossReason,
  LegacyOptions,
  LegacyReport,
  LegacySource,
  LegacyType,
} from './legacy/types.ts'
export type { Files } from './listed/files.ts'
export type { ForeignSource, SourceLoss } from './listed/types.ts'
export { migrate, planMigration } from './migrate/migrate.ts'
export type {
  MigrateOptions,
  MigrationNote,
  MigrationPlan,
  MigrationProgress,
  MigrationResult,
  PlannedInterval,
  Verification,
} from './migrate/types.ts'
export { openRrd, type RrdOptions } from './rrd/open-rrd.ts'
export { openWhisper, type WhisperOptions } from './whisper/open-whisper.ts'
