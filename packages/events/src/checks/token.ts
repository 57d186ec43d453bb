/** Whether a value can be sent as a token: visible ASCII characters without spaces. */
export function isToken(token: unknown): token is string {
  return typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)
}
