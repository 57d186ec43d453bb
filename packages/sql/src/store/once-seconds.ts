/** For how many seconds a batch with an id is not stored again. */
export const ONCE_SECONDS = 86_400
