/** The setting of glibc that asks the system for pages of 2 MB where memory is large enough to fill them. */
const setting = 'glibc.malloc.hugetlb';

/**
 * The environment of a process whose memory is handed out in pages of 2 MB, on systems where programs are asked whether
 * they want them (`madvise` in /sys/kernel/mm/transparent_hugepage/enabled, the default of most distributions). A step of
 * training walks through a gigabyte again and again: in pages of 4 KB, page faults and the translation of addresses take some hundredths
 * of its time, and up to a fifth beside other programs. The C library reads this when a program starts; others ignore it.
 */
export function withHugePages(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { GLIBC_TUNABLES: given = '' } = environment;
  if (given.includes(setting)) return environment;
  return { ...environment, GLIBC_TUNABLES: [given, `${setting}=1`].filter(Boolean).join(':') };
}
