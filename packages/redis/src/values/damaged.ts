import { failedStore, type StoreFailure } from '@kairos/core/driver'

/** What was read is nothing that this driver writes. */
export class Damaged extends Error {}

/** The failure of a call that met damaged data at a key. Trying again would find the same. */
export function damagedAt(key: string, { message }: Damaged): StoreFailure {
  return failedStore(
    `${key} is damaged, or something else wrote it: ${message}; restore it, or delete the key`,
    'never',
  )
}
