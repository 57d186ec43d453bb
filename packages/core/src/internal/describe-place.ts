/** What follows the scheme of a URL, even of a mistyped one, as a message may show it: without user, password and options. */
export function describePlace(rest: string, scheme = ''): string {
  const place = rest.slice(rest.lastIndexOf('@') + 1).replace(/\?.*$/s, '?***')
  return JSON.stringify(`${scheme}${rest.includes('@') ? '***@' : ''}${place}`)
}
