/** Thrown by a command that was interrupted and can say how to go on: its message. */
export class Interrupted extends Error {}
