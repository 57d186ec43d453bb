import { setImmediate as nextTurn } from 'node:timers/promises'

/** How long what comes over TCP is taken before others have a turn, in milliseconds. */
const LONGEST = 20

let began: number | undefined

/** Whether what came over TCP has been taken for so long, in this turn of the event loop, that packets, requests and writes should have theirs. */
export function isTurnOver(): boolean {
  const now = performance.now()
  if (began === undefined) {
    began = now
    setImmediate(() => {
      began = undefined
    })
  }
  return now - began > LONGEST
}

/** Resolves when what was received while the process was busy has been taken: timers, which are late then, come before it. */
export async function arrivals(): Promise<void> {
  await nextTurn()
  await nextTurn()
}
