export { bulkInsert } from './bulk-insert.ts'
export { insert } from './insert.ts'
