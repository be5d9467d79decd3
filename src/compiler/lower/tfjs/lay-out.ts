/** Lays out the text of a JavaScript module. */
export type LayOut = (text: string) => Promise<string>;

/** By prettier, in this thread. The options are those of the programs we ship, so that a user's edits look like ours. */
export const layOut: LayOut = async (text) => {
  const [{ format }, babel, estree] = await Promise.all([
    import('prettier/standalone'),
    import('prettier/plugins/babel'),
    import('prettier/plugins/estree'),
  ]);
  return format(text, {
    parser: 'babel',
    plugins: [babel, estree],
    printWidth: 110,
    singleQuote: true,
    trailingComma: 'all',
  });
};
