/** The message of a call that comes too late. */
export const CLOSED = 'the timeseries is closed; make a new one with createTimeseries'
