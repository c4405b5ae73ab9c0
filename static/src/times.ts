// Times as the screen shows them.

import { count, steady } from "./numbers";

/** duration writes seconds as people say them. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${steady(seconds / 3600, 2)} h`;
  return `${count(seconds / 86_400)} days`;
}

export function clock(time: number): string {
  return new Date(time).toLocaleTimeString("en-GB");
}
