/** What `discover` reports about a timeseries besides its record: which program made it, and when. */
export function schemaFacts(): string {
  const program = globalThis.process?.argv?.[1]?.split(/[\\/]/).at(-1)
  return JSON.stringify({ ...(program !== undefined && { program }), made: new Date().toISOString() })
}

/** What `discover` reports about an interval besides its record: how many buckets are kept. */
export function intervalFacts(steps: number | null): string {
  return JSON.stringify({ steps })
}
