import { describeServer } from './support/kit.ts'

describeServer('PostgreSQL 15')
