import { expect, test } from 'vitest';
import { withHugePages } from '../../../src/runtime/training/huge-pages.ts';

test.each([
  [undefined, 'glibc.malloc.hugetlb=1'],
  ['glibc.malloc.arena_max=1', 'glibc.malloc.arena_max=1:glibc.malloc.hugetlb=1'],
  ['glibc.malloc.hugetlb=0', 'glibc.malloc.hugetlb=0'],
])('a process whose tunables are %s gets %s', (given, expected) => {
  const environment = { PATH: '/bin', ...(given === undefined ? {} : { GLIBC_TUNABLES: given }) };
  expect(withHugePages(environment)).toEqual({ PATH: '/bin', GLIBC_TUNABLES: expected });
});
