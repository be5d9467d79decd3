/** The known name that a mistyped one most likely means, or undefined when none is near. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(plain(name), plain(candidate));
    if (distance < least) [nearest, least] = [candidate, distance];
  }
  return nearest;
}

/** Without what is often confused: case, and blanks, hyphens or underscores between words. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[\s_-]+/g, ' ');
}

/** How many characters must be put in, taken out or replaced (Levenshtein), one row of the table at a time. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const [diagonal = 0, above = 0] = [row[j - 1], row[j]];
      const left = next[j - 1] ?? 0;
      next.push(Math.min(left + 1, above + 1, diagonal + (from[i - 1] === to[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
