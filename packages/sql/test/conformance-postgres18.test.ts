import { describeServer } from './support/kit.ts'

describeServer('PostgreSQL 18', { further: true })
