import { urlOf } from './clients.ts'
import { describeIoredis } from './kit.ts'

describeIoredis('Redis 6.2', urlOf('Redis 6.2'), { further: true })
