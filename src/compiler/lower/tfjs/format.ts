/** Longer texts are left as they are: their lines are indented already, and formatting takes seconds. */
const MAX_LENGTH = 1_000_000;

/** JavaScript in prettier's layout. */
export async function formatProgram(text: string): Promise<string> {
  if (text.length > MAX_LENGTH) return text;
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
}
