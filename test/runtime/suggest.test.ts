import { expect, it } from 'vitest';
import { nearestName } from '../../src/runtime/suggest.ts';

const known = ['Atelectasis', 'Edema', 'Emphysema', 'Mass', 'Pleural_Thickening'];

it.each([
  ['atelectasis', 'Atelectasis'],
  ['Pleural Thickening', 'Pleural_Thickening'],
  ['Edemma', 'Edema'],
  ['Oedema', 'Edema'],
  ['Fracture', undefined],
  ['', undefined],
])('for %j is %s', (name, expected) => {
  expect(nearestName(name, known)).toBe(expected);
});
