/** WeChat, its bills and the shop's days are in Beijing, which has no summer time. */
const offsetMs = 8 * 3_600_000;

/** A day there, `2026-11-22`. */
export type BeijingDay = string;

/** What a clock on the wall there shows, without a zone: `2026-11-22T16:00:00.000`. */
export function inBeijing(time: Date): string {
  return new Date(time.getTime() + offsetMs).toISOString().slice(0, -1);
}

export function beijingDayOf(time: Date): BeijingDay {
  return inBeijing(time).slice(0, 10);
}

/** From its first moment up to, and without, the first of the next day. */
export function boundsOf(day: BeijingDay): readonly [from: Date, until: Date] {
  const from = new Date(`${day}T00:00:00+08:00`);
  return [from, new Date(from.getTime() + 24 * 3_600_000)];
}

/** That the calendar knows it: there is no 2026-02-30. */
export function isBeijingDay(text: string): text is BeijingDay {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const [from] = boundsOf(text);
  return !Number.isNaN(from.getTime()) && beijingDayOf(from) === text;
}
