import { urlOf } from './clients.ts'
import { describeIoredis } from './kit.ts'

describeIoredis('Valkey', urlOf('Valkey'), { further: true })
