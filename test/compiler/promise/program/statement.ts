import type { BlockWriter } from './block-writer.ts';

/**
 * Writes a statement or several, and declares what they bind. False where nothing in the block fits; then it has
 * written nothing.
 */
export type Statement = (b: BlockWriter) => boolean;
