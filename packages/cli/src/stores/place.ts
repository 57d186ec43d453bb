import { type Discovered, discover, type StorageDriver } from '@kairos/core'
import { connectionOf } from '@kairos/core/calls'
import { withoutSecrets } from '@kairos/core/driver'
import type { Call } from '../command.ts'
import { checkFile } from './missing-file.ts'

/** A store that is connected. */
export interface Place {
  /** As messages may show it. */
  readonly shown: string
  readonly driver: StorageDriver
  readonly found: readonly Discovered[]
}

/**
 * Connects to a store, looks at what is there, and closes it afterwards. The driver is found where it is installed.
 * @throws Misuse where a file does not exist
 */
export async function atPlace<Result>(
  url: string,
  { signal, flags }: Pick<Call, 'flags' | 'signal'>,
  use: (place: Place) => Promise<Result>,
): Promise<Result> {
  checkFile(url)
  const connection = connectionOf(url, undefined)
  try {
    const driver = await connection.driver(signal)
    const found = await discover(driver, { signal, patience: flags.patience })
    return await use({ shown: withoutSecrets(url), driver, found })
  } finally {
    await connection.close()
  }
}
