/** What the engine calls a zone; null if it does not know it. An offset is not a zone: it has no rules. */
export function engineZone(name: string): string | null {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions()
    return /^[+-]/.test(timeZone) ? null : timeZone
  } catch {
    return null
  }
}
