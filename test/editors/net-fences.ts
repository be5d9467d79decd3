/** The sources in a page of Markdown: what stands between ```` ```net ```` and its end. */
export function netFences(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^```net\b[^\n]*\n([^]*?)^```/gm)].map((match) => match[1] ?? '');
}
