/** Thrown by a command that was interrupted and can say how to continue: its message. */
export class Interrupted extends Error {}
