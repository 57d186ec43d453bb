import type { Served } from './registry.ts'

/** Whether a timeseries has data of a name. */
export async function hasName({ timeseries }: Served, name: string, signal: AbortSignal): Promise<boolean> {
  const [first] = await timeseries.list({ prefix: name, limit: 1, signal })
  return first === name
}
