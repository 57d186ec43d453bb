import { urlOf } from './clients.ts'
import { describeIoredis } from './kit.ts'

describeIoredis('Redis 8', urlOf('Redis 8'), { further: true })
