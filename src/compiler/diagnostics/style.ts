/** How the parts of a message are set off from each other: by ANSI colours, or not at all. */
export interface Style {
  readonly error: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly gutter: (text: string) => string;
  readonly primary: (text: string) => string;
  readonly secondary: (text: string) => string;
  readonly added: (text: string) => string;
  readonly removed: (text: string) => string;
}

const ansi =
  (codes: string) =>
  (text: string): string =>
    text === '' ? '' : `\u001b[${codes}m${text}\u001b[0m`;

const same = (text: string): string => text;

export const plainStyle: Style = {
  error: same,
  warning: same,
  strong: same,
  gutter: same,
  primary: same,
  secondary: same,
  added: same,
  removed: same,
};

export const colourStyle: Style = {
  error: ansi('1;31'),
  warning: ansi('1;33'),
  strong: ansi('1'),
  gutter: ansi('34'),
  primary: ansi('1;31'),
  secondary: ansi('36'),
  added: ansi('32'),
  removed: ansi('31'),
};
