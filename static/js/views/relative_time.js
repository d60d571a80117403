import { exactTime, relativeTime } from '../helpers/time.js';

const EVERY = 30_000;

// Shows the moment of a <time> in words, with the exact one in its title.
export function showTime(element, moment) {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return;
  if (element.dateTime !== moment) element.dateTime = moment;
  const title = exactTime(date);
  if (element.title !== title) element.title = title;
  const text = relativeTime(date);
  if (element.textContent !== text) element.textContent = text;
}

export function keepTimesFresh(root) {
  const refresh = () => {
    for (const element of root.querySelectorAll('time[data-time]')) showTime(element, element.dateTime);
  };
  refresh();
  setInterval(() => document.hidden || refresh(), EVERY);
  document.addEventListener('visibilitychange', () => document.hidden || refresh());
}
