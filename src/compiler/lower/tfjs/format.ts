import type { LayOut } from './lay-out.ts';
import { joinSections, type Section } from './sections/section.ts';

/** Longer texts are left as they are: their lines are indented already, and formatting them takes seconds. */
const MAX_LENGTH = 200_000;

/**
 * Sections as one text in prettier's layout. All texts are handed to `layOut` before this returns for the first time: a
 * `layOut` of another thread is at work while the caller goes on.
 */
export async function formatSections(sections: readonly Section[], layOut: LayOut): Promise<string> {
  const formatted = await Promise.all(
    runs(sections).map(async (run): Promise<Section> => {
      const text = joinSections(run);
      const isLoose = run.some(({ isLaidOut }) => !isLaidOut) && text.length <= MAX_LENGTH;
      return { text: (isLoose ? await layOut(text) : text).trim(), isLaidOut: true };
    }),
  );
  return joinSections(formatted);
}

/** Neighbours that are to be formatted, or not, together: each call of prettier has a price of its own. */
function runs(sections: readonly Section[]): readonly (readonly Section[])[] {
  const all: Section[][] = [];
  let last: Section | undefined;
  for (const section of sections) {
    const run = all.at(-1);
    if (run === undefined || last?.isLaidOut !== section.isLaidOut) all.push([section]);
    else run.push(section);
    last = section;
  }
  return all;
}
