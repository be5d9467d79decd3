/** Pixels of images and their windows, channel by channel: what depthwise convolutions and pooling are made of. */

import { range } from '../range.mjs';
import { assemble, i32, loop } from './assembler.mjs';
import { alongRow, bytesOf } from './lanes.mjs';

/** target[i] += source[i] * weight, over pixels i of `columns` channels. */
export const spreadWeighted = assemble(
  'spreadWeighted',
  ['target', 'targetStep', 'source', 'sourceStep', 'weight', 'pixels', 'columns'],
  (p, local) => {
    const pixel = local();
    return loop(pixel, 0, p.pixels, 1, [
      alongRow(local, bytesOf(p.columns), (lane, offset) => {
        const [target, source, weight] = [p.target, p.source, p.weight].map((base) => i32.add(base, offset));
        return lane.store(
          target,
          lane.add(lane.load(target), lane.mul(lane.load(source), lane.load(weight))),
        );
      }),
      p.target.advance(p.targetStep),
      p.source.advance(p.sourceStep),
    ]);
  },
);

/** total += sum over pixels i of a[i] * b[i], per channel. */
export const dotPixels = assemble(
  'dotPixels',
  ['total', 'a', 'aStep', 'b', 'bStep', 'pixels', 'columns'],
  (p, local) => {
    const [pixel, a, b] = [local(), local(), local()];
    return alongRow(local, bytesOf(p.columns), (lane, offset) => {
      const sum = local(lane.type);
      return [
        sum.set(lane.load(i32.add(p.total, offset))),
        a.set(i32.add(p.a, offset)),
        b.set(i32.add(p.b, offset)),
        loop(pixel, 0, p.pixels, 1, [
          sum.set(lane.add(sum, lane.mul(lane.load(a), lane.load(b)))),
          a.advance(p.aStep),
          b.advance(p.bStep),
        ]),
        lane.store(i32.add(p.total, offset), sum),
      ];
    });
  },
);

/** Adds dy of one output pixel to the first place of its window where x equals the maximum y. */
export const maxPoolWindow = assemble(
  'maxPoolWindow',
  ['x', 'dx', 'rowStep', 'windowRows', 'windowColumns', 'y', 'dy', 'channels'],
  (p, local) => {
    const [stride, row, column, address, target] = range(5).map(() => local());
    return [
      stride.set(bytesOf(p.channels)),
      alongRow(local, stride, (lane, offset) => {
        const [maximum, pending, value] = range(3).map(() => local(lane.type));
        return [
          maximum.set(lane.load(i32.add(p.y, offset))),
          pending.set(lane.load(i32.add(p.dy, offset))),
          loop(row, 0, p.windowRows, 1, [
            address.set(i32.add(i32.add(p.x, i32.mul(row, p.rowStep)), offset)),
            loop(column, 0, p.windowColumns, 1, [
              target.set(i32.add(address, i32.sub(p.dx, p.x))),
              value.set(lane.load(address)),
              lane.store(target, lane.add(lane.load(target), lane.ifEqual(value, maximum, pending))),
              pending.set(lane.ifDifferent(value, maximum, pending)),
              address.advance(stride),
            ]),
          ]),
        ];
      }),
    ];
  },
);
