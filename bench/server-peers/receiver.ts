/** A process that takes lines of Carbon's plaintext over TCP, and stores them. */
export interface Receiver {
  readonly name: string
  readonly pid: number
  readonly port: number
  /** Ends it, when it has stored what it has taken. */
  stop(): Promise<void>
}
