import type { RedisFetchQuery } from '../src/index.ts'

/** Custom reads that read what `read` does. */
export const ioredisFetch =
  () =>
  (pipeline: never, { command }: RedisFetchQuery) =>
    (pipeline as { call(...command: readonly string[]): unknown }).call(...command)

export const nodeRedisFetch =
  () =>
  (pipeline: never, { command }: RedisFetchQuery) =>
    (pipeline as { addCommand(command: readonly string[]): unknown }).addCommand(command)

/** A cluster's pipeline asks for the key, and whether the command only reads. */
export const nodeRedisClusterFetch =
  () =>
  (pipeline: never, { key, command }: RedisFetchQuery) =>
    (pipeline as { addCommand(key: string, isReadonly: boolean, command: readonly string[]): unknown }).addCommand(
      key,
      true,
      command,
    )
