/** A part of a program. */
export interface Section {
  readonly text: string;
  /** Whether the text is in prettier's layout as it is; formatting takes longer than all the rest of the lowering. */
  readonly isLaidOut: boolean;
}

export function laidOut(text: string): Section {
  return { text: text.trim(), isLaidOut: true };
}

/** Text that prettier has to lay out. */
export function loose(text: string): Section {
  return { text: text.trim(), isLaidOut: false };
}

export function heading(title: string): Section {
  return laidOut(`// ${'-'.repeat(8)} ${title} ${'-'.repeat(Math.max(1, 80 - title.length))}`);
}

/** Sections as one text, with an empty line between any two. */
export function joinSections(sections: readonly Section[]): string {
  return `${sections.map(({ text }) => text).join('\n\n')}\n`;
}
