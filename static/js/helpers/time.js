import { language, timeZone } from './text.js';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

// "now", "5 minutes ago", "yesterday"; the date itself once that says more.
export function relativeTime(moment, now = new Date(), locale = language()) {
  const seconds = Math.max(0, (now - moment) / 1000);
  if (seconds >= WEEK) return new Intl.DateTimeFormat(locale, { timeZone: timeZone(), dateStyle: 'medium' }).format(moment);
  const words = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  if (seconds < MINUTE) return words.format(0, 'second');
  if (seconds < HOUR) return words.format(-Math.floor(seconds / MINUTE), 'minute');
  if (seconds < DAY) return words.format(-Math.floor(seconds / HOUR), 'hour');
  return words.format(-Math.floor(seconds / DAY), 'day');
}

export function exactTime(moment, locale = language()) {
  return new Intl.DateTimeFormat(locale, { timeZone: timeZone(), dateStyle: 'full', timeStyle: 'short' }).format(moment);
}

// When something ends.
export function endTime(moment, locale = language()) {
  return new Intl.DateTimeFormat(locale, { timeZone: timeZone(), dateStyle: 'medium', timeStyle: 'short' }).format(moment);
}

// "in 45 seconds", "in 12 minutes", "in 3 days": as exact as it matters, and never less than is left.
export function timeLeft(milliseconds, locale = language()) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const words = new Intl.RelativeTimeFormat(locale, { numeric: 'always' });
  if (seconds < 2 * MINUTE) return words.format(seconds, 'second');
  if (seconds < 2 * HOUR) return words.format(Math.ceil(seconds / MINUTE), 'minute');
  if (seconds < 2 * DAY) return words.format(Math.ceil(seconds / HOUR), 'hour');
  return words.format(Math.ceil(seconds / DAY), 'day');
}
