/** Sizes of x, and its channel: the samples of what is done to each channel by itself, wherever its axis lies. */
export const channelShapes: readonly (readonly [Readonly<Record<string, number>>, string])[] = [
  [{ N: 3, C: 4, H: 5, W: 2 }, 'C'],
  [{ N: 7, C: 5 }, 'C'],
  [{ W: 3, C: 4, N: 2 }, 'C'],
  [{ C: 4, H: 5, W: 2 }, 'C'],
  [{ A: 2, N: 2, C: 3, H: 3, W: 2 }, 'C'],
  [{ N: 2, T: 5, D: 3 }, 'D'],
  [{ N: 2, C: 2, H: 23, W: 23 }, 'C'],
];

/** The channel alone, of which each element is by itself. */
export const onlyChannel = [{ C: 6 }, 'C'] as const;
