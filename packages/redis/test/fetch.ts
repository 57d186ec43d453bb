import type { TimeseriesType } from '@kairos/core/driver'

/** Custom reads that read what `read` does. */
export const ioredisFetch =
  (type: TimeseriesType) =>
  (pipeline: never, { key, field }: { key: string; field: string }) => {
    const commands = pipeline as Record<'hget' | 'hgetall' | 'lrange' | 'smembers', (...parts: unknown[]) => unknown>
    if (type === 'count' || type === 'gauge') return commands.hget(key, field)
    if (type === 'histogram') return commands.hgetall(key)
    return type === 'series' ? commands.lrange(key, 0, -1) : commands.smembers(key)
  }

export const nodeRedisFetch =
  (type: TimeseriesType) =>
  (pipeline: never, { key, field }: { key: string; field: string }) => {
    const commands = pipeline as Record<'hGet' | 'hGetAll' | 'lRange' | 'sMembers', (...parts: unknown[]) => unknown>
    if (type === 'count' || type === 'gauge') return commands.hGet(key, field)
    if (type === 'histogram') return commands.hGetAll(key)
    return type === 'series' ? commands.lRange(key, 0, -1) : commands.sMembers(key)
  }
