import { KairosError, type KairosErrorCode } from '../../src/index.ts'

/** The error that the work rejects with, which must be a KairosError with this code. */
export async function failureOf(work: () => unknown, code: KairosErrorCode): Promise<KairosError> {
  try {
    await work()
  } catch (error) {
    if (KairosError.is(error) && error.code === code) return error
    throw error
  }
  throw new Error(`nothing failed, where ${code} was expected`)
}
