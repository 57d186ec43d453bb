/** 10000-01-01: milliseconds, sent by mistake, are later than it. */
const END_OF_TIME = 253_402_300_800

/** Whether Unix seconds may be sent: negative ones have always meant something else. */
export function isMoment(seconds: number): boolean {
  return seconds >= 0 && seconds < END_OF_TIME
}
