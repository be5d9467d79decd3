import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { concurrently } from '../../src/runtime/concurrently.ts';

describe('concurrently', () => {
  it('keeps the order of the results and its limit', async () => {
    let [running, most] = [0, 0];
    const results = await concurrently([5, 1, 4, 2, 3], 2, async (value, index) => {
      most = Math.max(most, ++running);
      await setTimeout(value);
      running--;
      return `${index}:${value}`;
    });
    expect(results).toEqual(['0:5', '1:1', '2:4', '3:2', '4:3']);
    expect(most).toBe(2);
  });

  it('throws the failure of the first item that failed, not of the fastest, and begins nothing after it', async () => {
    const begun: number[] = [];
    const work = async (value: number) => {
      begun.push(value);
      await setTimeout(value);
      throw new Error(String(value));
    };
    await expect(concurrently([20, 1, 2, 3], 2, work)).rejects.toThrow('20');
    expect(begun).toEqual([20, 1]);
  });

  it('refuses a limit that would do nothing', async () => {
    await expect(concurrently([1], 0, () => Promise.resolve(1))).rejects.toThrow(RangeError);
  });

  it('gives nothing for nothing', async () => {
    expect(await concurrently([], 4, () => Promise.resolve(1))).toEqual([]);
  });
});
