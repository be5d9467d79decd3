import { stripVTControlCharacters } from 'node:util';
import { displayWidth } from '../src/compiler/diagnostics/display-width.ts';

/** The columns of a text that may hold colours: takes the place of the package `string-width` in the bundle. */
export default function stringWidth(text: string): number {
  return displayWidth(stripVTControlCharacters(text));
}
