import { describeSqlite } from './support/kit.ts'

describeSqlite('better-sqlite3')
