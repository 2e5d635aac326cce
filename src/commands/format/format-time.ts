/** Formats seconds for people: `45 s`, `12 min`, `3 h 20 min`, `5 days`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.round(minutes / 1440)} days`;
}

/** Formats the age of a time from the database, by this machine's clock. */
export function formatAgo(time: Date): string {
  return `${formatDuration((Date.now() - time.getTime()) / 1000)} ago`;
}

/** Formats a time in UTC, to the second: `2026-05-01 10:00:00`. */
export function formatTime(time: Date): string {
  return time.toISOString().slice(0, 19).replace("T", " ");
}

/** Formats a time of today as `10:00:00 UTC`, any other with its date. */
export function formatMoment(time: Date, now: Date = new Date()): string {
  const text = formatTime(time);
  const isToday = text.slice(0, 10) === formatTime(now).slice(0, 10);
  return `${isToday ? text.slice(11) : text} UTC`;
}
