/** A port that is listened to. */
export interface Listener {
  readonly port: number
  /** Takes what has already arrived, at most this many milliseconds long, and closes. */
  stop(grace: number): Promise<void>
}
