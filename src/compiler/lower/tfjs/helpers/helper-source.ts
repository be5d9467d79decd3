import type { TfjsHelper } from '../emitter.ts';

/** A function of a generated program's prelude: plain JavaScript over `tf`, and the helpers that it calls. */
export interface HelperSource {
  readonly source: string;
  readonly needs: readonly TfjsHelper[];
}
