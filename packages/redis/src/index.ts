export type { RedisClientLike, RedisPipelineLike } from './connection/adapt-client.ts'
export { driverFromUrl, type RedisDriver, redisDriver } from './driver.ts'
export type { RedisDriverOptions } from './options.ts'
export type { RedisFetch, RedisFetchRequest } from './store/fetch.ts'
