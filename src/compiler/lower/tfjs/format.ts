import { joinSections, type Section } from './sections/section.ts';

/** Longer texts are left as they are: their lines are indented already, and formatting them takes seconds. */
const MAX_LENGTH = 200_000;

/** Sections as one text in prettier's layout. */
export async function formatSections(sections: readonly Section[]): Promise<string> {
  const [{ format }, babel, estree] = await Promise.all([
    import('prettier/standalone'),
    import('prettier/plugins/babel'),
    import('prettier/plugins/estree'),
  ]);
  const layOut = (text: string): Promise<string> =>
    format(text, {
      parser: 'babel',
      plugins: [babel, estree],
      printWidth: 110,
      singleQuote: true,
      trailingComma: 'all',
    });
  const formatted: Section[] = [];
  for (const run of runs(sections)) {
    const text = joinSections(run);
    const isLoose = run.some(({ isLaidOut }) => !isLaidOut) && text.length <= MAX_LENGTH;
    formatted.push({ text: (isLoose ? await layOut(text) : text).trim(), isLaidOut: true });
  }
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
