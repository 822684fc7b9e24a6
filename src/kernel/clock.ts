/** The time of day. Injected so that tests can move it; durations are measured with `performance.now()`. */
export abstract class Clock {
  abstract now(): Date;
}

export class SystemClock extends Clock {
  now(): Date {
    return new Date();
  }
}
