/** How long a batch's id is kept, in seconds. */
export const KEPT_SECONDS = 86_400
