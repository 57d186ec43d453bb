/** What stands before the `@` of a URL, also of one that is mistyped: all that has no space in it. */
const USER_INFO = /[^\s"'`<>]*:[^\s"'`<>]*@/g
/** Parameters that drivers take passwords and keys by. */
const PARAMETER = /([?&;][^\s=&;"'`]*(?:pass|pwd|secret|token|key|auth)[^\s=&;"'`]*=)[^\s&;"'`]*/gi

/** A text that may have URLs in it, without the users and passwords in them. */
export function withoutSecrets(text: string): string {
  return text
    .replace(USER_INFO, (found) => `${/^(?:[\w-]+=)?[a-z][a-z0-9+.-]*:\/\//i.exec(found)?.[0] ?? ''}***@`)
    .replace(PARAMETER, '$1***')
}
