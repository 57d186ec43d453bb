/** What one listener has done so far. */
export class IntakeStats {
  /** Values that were taken. */
  accepted = 0
  /** What was refused, and is a dead letter. */
  rejected = 0
  bytes = 0
  /** UDP. */
  packets = 0
  /** TCP: open now. */
  connections = 0
  /** TCP: so far. */
  opened = 0
  /** TCP: closed at once, as there were as many as there may be. */
  refused = 0
  /** TCP: closed, as nothing came for longer than the limit. */
  idle = 0
  /** TCP: how often reading waited for the buffers. */
  pauses = 0
}
