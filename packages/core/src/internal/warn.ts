/** Tells the user of the process what is no reason to fail; nothing where there is no process to tell. */
export function warn(message: string, code: string): void {
  globalThis.process?.emitWarning?.(message, { type: 'KairosWarning', code })
}
