import { type Discovered, discover, type StorageDriver } from '@kairos/core'
import { connectionOf } from '@kairos/core/calls'
import { withoutSecrets } from '@kairos/core/driver'
import type { Call } from '../command.ts'
import { Misuse } from '../misuse.ts'

/** A store that is connected. */
export interface Place {
  /** As messages may show it. */
  readonly shown: string
  readonly driver: StorageDriver
  readonly found: readonly Discovered[]
}

/** What a call of any command has. */
export type AnyCall = Pick<Call, 'flags' | 'signal' | 'env'>

/** The URL that is meant. @throws Misuse if there is not one */
export function storeUrl(given: string | undefined, { env }: Pick<Call, 'env'>): string {
  const url = given ?? env.KAIROS_STORE
  if (url !== undefined && url !== '') return url
  throw new Misuse('a store must be given: --store sqlite:metrics.db, or the environment variable KAIROS_STORE')
}

/** Connects to a store, looks at what is there, and closes it afterwards. The driver is found where it is installed. */
export async function atPlace<Result>(
  url: string,
  call: AnyCall,
  use: (place: Place) => Promise<Result>,
): Promise<Result> {
  const connection = connectionOf(url, undefined)
  const { signal, flags } = call
  try {
    const driver = await connection.driver(signal)
    const found = await discover(driver, { signal, patience: flags.patience })
    return await use({ shown: withoutSecrets(url), driver, found })
  } finally {
    await connection.close()
  }
}
