import { describeSqlite } from './support/kit.ts'

describeSqlite('node:sqlite')
