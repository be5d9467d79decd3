import { readFileSync } from 'node:fs';
import type { Diagram } from './diagram.ts';
import { drawSvg, escaped } from './draw-svg.ts';
import { layOut } from './lay-out.ts';
import { openBlocks } from './open-blocks.ts';

export interface PageOptions {
  readonly title: string;
  readonly description: string;
  /** How deep blocks are open when the page is. */
  readonly depth: number;
}

/**
 * A page with the picture of a network whose blocks open and close. It holds all it needs and loads nothing, which its
 * policy enforces; without scripts it shows the picture as it is at first.
 */
export function drawPage(diagram: Diagram, { title, description, depth }: PageOptions): string {
  const svg = drawSvg(layOut(diagram, openBlocks(diagram, depth)), {
    title,
    description,
    isInteractive: true,
  });
  // In a script element text ends at the first `</`.
  const data = JSON.stringify({ diagram, depth, title, description }).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>
body { margin: 0; height: 100vh; display: flex; flex-direction: column; font: 15px/1.5 system-ui, sans-serif; background: #ffffff; color: #1c2430; }
header { padding: 10px 16px; display: flex; flex-wrap: wrap; gap: 4px 14px; align-items: baseline; border-bottom: 1px solid #8792a2; }
h1 { font-size: 17px; margin: 0; }
p { margin: 0; color: #566173; }
button { font: inherit; font-size: 14px; padding: 2px 10px; }
main { flex: 1; overflow: auto; }
main > svg { display: block; margin: 0 auto; }
@media (prefers-color-scheme: dark) { body { background: #12161c; color: #e8ecf2; } p { color: #a5b0c0; } }
</style>
</head>
<body>
<header>
<h1>${escaped(title)}</h1>
<button type="button" id="open">Open all</button>
<button type="button" id="close">Close all</button>
<p>${escaped(description)}</p>
</header>
<main id="picture">
${svg}</main>
<script type="application/json" id="data">${data}</script>
<script>${pageScript()}</script>
</body>
</html>
`;
}

/** The bundle of page.mjs: beside us in the bundle, in dist/ for the sources. */
function pageScript(): string {
  const isBundled = !import.meta.url.endsWith('.ts');
  const place = isBundled ? './assets/graph-page.js' : '../../dist/assets/graph-page.js';
  return readFileSync(new URL(place, import.meta.url), 'utf8').replaceAll('</script', '<\\/script');
}
