/** The colours of a picture. Contrasts of text with its ground are above 4.5 : 1. */
interface Palette {
  readonly paper: string;
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  readonly block: string;
  readonly blockEdge: string;
  readonly open: string;
  readonly op: string;
  readonly opEdge: string;
  readonly pill: string;
  readonly pillEdge: string;
}

const light: Palette = {
  paper: '#ffffff',
  ink: '#1c2430',
  soft: '#566173',
  line: '#8792a2',
  block: '#e3edfb',
  blockEdge: '#3f6fb0',
  open: '#f5f8fc',
  op: '#f4f4f1',
  opEdge: '#a3a79f',
  pill: '#e6f4ea',
  pillEdge: '#3f8a57',
};

const dark: Palette = {
  paper: '#12161c',
  ink: '#e8ecf2',
  soft: '#a5b0c0',
  line: '#6d7989',
  block: '#1d3049',
  blockEdge: '#6d9fe0',
  open: '#181e27',
  op: '#24282e',
  opEdge: '#5d646d',
  pill: '#173324',
  pillEdge: '#5cb37c',
};

/** Written out, since not every program that shows SVG knows variables of CSS. */
const coloured = (p: Palette): string => `
.paper { fill: ${p.paper}; }
.block > rect { fill: ${p.block}; stroke: ${p.blockEdge}; }
.open > rect { fill: ${p.open}; }
.op > rect { fill: ${p.op}; stroke: ${p.opEdge}; }
.input > rect, .output > rect { fill: ${p.pill}; stroke: ${p.pillEdge}; }
.title[role]:hover > .target { fill: ${p.blockEdge}; }
.title:focus-visible > .target { stroke: ${p.ink}; }
.mark { fill: ${p.blockEdge}; }
.name { fill: ${p.ink}; }
.of { fill: ${p.soft}; }
.shape { fill: ${p.soft}; }
.ground { fill: ${p.paper}; }
.open .ground { fill: ${p.open}; }
.link { stroke: ${p.line}; }
.arrow { fill: ${p.line}; }
`;

/** The style of a picture: light or dark, as the system of whoever looks at it is. */
export const style = `
text { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; text-anchor: middle; }
.name { font-size: 13px; font-weight: 600; }
.of { font-size: 12px; }
.shape { font-size: 11px; }
.link { fill: none; stroke-width: 1.3; }
.title > .target { fill: #000000; fill-opacity: 0; }
.title[role] { cursor: pointer; }
.title[role]:hover > .target { fill-opacity: 0.15; }
.title:focus { outline: none; }
.title:focus-visible > .target { stroke-width: 2; }
${coloured(light)}@media (prefers-color-scheme: dark) {${coloured(dark)}}
`;
