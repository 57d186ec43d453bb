import { Interrupted } from '../interrupted.ts'

/** Waits for what the signal ends; if it does, the call says how to continue. */
export async function interruptible<Result>(
  signal: AbortSignal,
  howToGoOn: string,
  work: Promise<Result>,
): Promise<Result> {
  try {
    return await work
  } catch (error) {
    throw signal.aborted ? new Interrupted(howToGoOn) : error
  }
}
