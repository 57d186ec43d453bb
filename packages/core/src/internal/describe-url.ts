import { describePlace } from './describe-place.ts'

/** A store's URL, even a mistyped one, as a message may show it: without user, password and options. */
export function describeUrl(url: string): string {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/|)(.*)$/is.exec(url) ?? []
  return describePlace(rest, scheme)
}
