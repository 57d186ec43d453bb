import type { Flag } from '../command.ts'

/** Events of a Kronos server. */
export interface KronosFlags {
  readonly kronos: Flag<'boolean'>
  readonly streams: Flag<'texts'>
  readonly namespace: Flag<'text'>
  readonly resume: Flag<'boolean'>
}

export const kronosFlags: KronosFlags = {
  kronos: { kind: 'boolean', summary: 'the file is the URL of a Kronos server, whose events go into event streams' },
  streams: { kind: 'texts', value: 'name', summary: 'with --kronos: only this stream; may be repeated' },
  namespace: { kind: 'text', value: 'name', summary: 'with --kronos: which namespace, on both sides (kronos)' },
  resume: { kind: 'boolean', summary: 'with --kronos: begin each stream at the newest event that is here' },
}
