/** Calls back in the next turn of the event loop, after what has arrived by now; not a timer where there is a choice. */
export function nextTurn(call: () => void): void {
  if (typeof setImmediate === 'function') setImmediate(call)
  else setTimeout(call, 0)
}
