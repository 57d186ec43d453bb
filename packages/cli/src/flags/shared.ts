import type { SharedFlags } from '../command.ts'

/** The flags of every command. */
export const sharedFlags: SharedFlags = {
  patience: { kind: 'whole', value: 'ms', summary: 'how long a step may take, retries included (10000)' },
}
