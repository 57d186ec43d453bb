import type { Call } from '../command.ts'
import type { Opened } from '../stores/opened.ts'
import type { Clock } from '../times/parse-time.ts'
import { showTime } from '../times/show-time.ts'

/** Says to a person that a range begins before what is kept: those buckets show as empty, and were not. */
export function noteExpired(
  { terminal }: Pick<Call, 'terminal'>,
  { intervals }: Opened,
  { interval, start, clock }: { readonly interval: string; readonly start: number | undefined; readonly clock: Clock },
): void {
  const { kept } = intervals.get(interval)!
  if (kept === null || start === undefined || start >= clock.now - kept) return
  const first = showTime(Math.floor(clock.now - kept), clock.zone)
  terminal.note(`${interval} keeps only what is newer than ${first}: buckets before it are empty because they expired`)
}
