import { readdirSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'

// Loaded into the served process before anything else: says what the process holds, whenever it is asked.

/** What a process holds after its garbage is collected. */
export interface Sample {
  readonly heap: number
  /** Of buffers and the like. */
  readonly external: number
  readonly resident: number
  /** What keeps a process running, timers among them. */
  readonly handles: number
  /** File descriptors. */
  readonly files: number
  /** Seconds. */
  readonly processorTime: number
}

process.on('message', async () => {
  globalThis.gc?.()
  await nextTurn()
  globalThis.gc?.()
  const { heapUsed, external, rss } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  const sample: Sample = {
    heap: heapUsed,
    external,
    resident: rss,
    handles: process.getActiveResourcesInfo().length,
    files: readdirSync('/proc/self/fd').length,
    processorTime: (user + system) / 1e6,
  }
  process.send?.(sample)
})
// The channel must not keep the process running.
process.channel?.unref()
