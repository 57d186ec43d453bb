/** Emits a process warning; does nothing where there is no process. */
export function warn(message: string, code: string): void {
  globalThis.process?.emitWarning?.(message, { type: 'KairosWarning', code })
}
