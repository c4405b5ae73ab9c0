// Colors of the page, as numbers.

/** rgb reads a color as getComputedStyle resolves it, from 0 to 1; white where there is none. */
export function rgb(color: string): [number, number, number] {
  const text = color.trim(), [r = 255, g = 255, b = 255] = text.startsWith("#") ? [1, 3, 5].map((i) => parseInt(text.slice(i, i + 2), 16)) : (text.match(/[\d.]+/g)?.map(Number) ?? []);
  return [r / 255, g / 255, b / 255];
}

export function isDark(color: string): boolean {
  if (color.trim() === "") return true;
  const [r, g, b] = rgb(color);
  return 0.3 * r + 0.6 * g + 0.1 * b < 0.5;
}
