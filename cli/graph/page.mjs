/* global document, location, addEventListener, CSS */
// The script of the page that `netc graph` writes. scripts/build.mjs bundles it with the layout, and it is put into the
// page as text: the page loads nothing.
import { drawSvg } from './draw-svg.ts';
import { layOut } from './lay-out.ts';
import { blocksAround, openBlocks } from './open-blocks.ts';

const { diagram, depth, title, description } = JSON.parse(document.getElementById('data').textContent);
const picture = document.getElementById('picture');
let open = new Set(openBlocks(diagram, depth));

function draw() {
  picture.innerHTML = drawSvg(layOut(diagram, open), { title, description, isInteractive: true });
}

const find = (id) => picture.querySelector(`[data-block="${CSS.escape(id)}"]`);

function drawFromTop() {
  draw();
  picture.scrollTo((picture.scrollWidth - picture.clientWidth) / 2, 0);
}

/** Opens or closes a block; it stays where it is under the pointer, and keeps the focus. */
function toggle(id) {
  const before = find(id).getBoundingClientRect();
  if (!open.delete(id)) open.add(id);
  draw();
  const after = find(id).getBoundingClientRect();
  picture.scrollBy(after.left + after.width / 2 - before.left - before.width / 2, after.top - before.top);
  find(id).focus({ preventScroll: true });
}

const blockOf = ({ target }) => target.closest('[data-block]')?.dataset.block;

picture.addEventListener('click', (event) => {
  const id = blockOf(event);
  if (id !== undefined) toggle(id);
});
picture.addEventListener('keydown', (event) => {
  const id = blockOf(event);
  if (id === undefined || (event.key !== 'Enter' && event.key !== ' ')) return;
  event.preventDefault();
  toggle(id);
});
document.getElementById('open').addEventListener('click', () => {
  open = new Set(openBlocks(diagram, Infinity));
  drawFromTop();
});
document.getElementById('close').addEventListener('click', () => {
  open = new Set();
  drawFromTop();
});

/** `page.html#backbone/dense1` shows that block, open. */
function followAddress() {
  const blocks = blocksAround(diagram, decodeURIComponent(location.hash.slice(1)));
  if (blocks.length === 0) return;
  for (const id of blocks) open.add(id);
  draw();
  find(blocks.at(-1)).scrollIntoView({ block: 'start', inline: 'center' });
}
addEventListener('hashchange', followAddress);
drawFromTop();
followAddress();
