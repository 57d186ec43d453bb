import { KairosError, type KairosErrorCode } from '../../src/index.ts'

/** The error that the work ends in, which must be a KairosError of this code. */
export async function failureOf(work: () => unknown, code: KairosErrorCode): Promise<KairosError> {
  try {
    await work()
  } catch (error) {
    if (KairosError.is(error) && error.code === code) return error
    throw error
  }
  throw new Error(`nothing failed, where ${code} was expected`)
}
