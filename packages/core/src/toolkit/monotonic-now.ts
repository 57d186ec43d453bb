/**
 * A clock in milliseconds that is never adjusted; captured as the module loads, so that a test's fake timers do not stop it.
 * @example `const deadline = monotonicNow() + timeout`
 */
export const monotonicNow: () => number = performance.now.bind(performance)
