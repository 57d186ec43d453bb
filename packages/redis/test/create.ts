import type { CreateRequest } from '@kairos/driver-tests'
import { type RedisDriver, redisDriver } from '../src/index.ts'

/** A driver with a prefix of its own for each place of the kit; called here and in the processes that the kit starts. */
export function create({ place, url = process.env.KAIROS_URL! }: CreateRequest & { url?: string }): RedisDriver {
  return redisDriver(url, { prefix: `kit:${place}`, lease: 20 })
}
