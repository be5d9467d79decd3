import { concurrently } from './concurrently.ts';
import type { ErrorCode } from './error-codes.ts';
import { UserError } from './errors.ts';
import { decodeImage } from './images.ts';
import type { Sample } from './sample.ts';

export interface ImageCheck {
  readonly checked: number;
  /** In the order of the samples. */
  readonly unreadable: readonly UnreadableImage[];
  /** How many of each kind the others are: `1024 x 1024 gray`, `1024 x 1024 colour`; the most frequent first. */
  readonly kinds: Readonly<Record<string, number>>;
}

export interface UnreadableImage {
  readonly name: string;
  readonly path: string;
  readonly code: ErrorCode;
  readonly reason: string;
}

export interface ImageCheckOptions {
  /** Images that are decoded at a time. */
  readonly concurrency?: number;
  readonly onProgress?: (done: number, all: number) => void;
  /** Its reason is thrown before the next image. */
  readonly signal?: AbortSignal;
}

/** Decodes every image as training would, and tells which cannot be: none of them ends the check. */
export async function checkImages(
  samples: readonly Sample[],
  { concurrency = 8, onProgress, signal }: ImageCheckOptions = {},
): Promise<ImageCheck> {
  let done = 0;
  const outcomes = await concurrently(samples, concurrency, async ({ name, path }) => {
    signal?.throwIfAborted();
    const outcome = await inspect(name, path);
    onProgress?.(++done, samples.length);
    return outcome;
  });
  const kinds = new Map<string, number>();
  for (const outcome of outcomes)
    if (typeof outcome === 'string') kinds.set(outcome, (kinds.get(outcome) ?? 0) + 1);
  return {
    checked: samples.length,
    unreadable: outcomes.filter((outcome) => typeof outcome !== 'string'),
    kinds: Object.fromEntries([...kinds].sort(([, a], [, b]) => b - a)),
  };
}

async function inspect(name: string, path: string): Promise<string | UnreadableImage> {
  try {
    const { width, height, channels } = await decodeImage(path);
    return `${width} x ${height} ${channels === 1 ? 'gray' : 'colour'}`;
  } catch (error) {
    if (error instanceof UserError) return { name, path, code: error.code, reason: error.message };
    throw error;
  }
}
