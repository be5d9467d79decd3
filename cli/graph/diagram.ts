/**
 * A network as boxes and links, blocks nested as the source nests them. Plain data: the page that shows it carries it as
 * JSON and draws it anew whenever a block is opened or closed.
 */
export interface Diagram {
  readonly parts: readonly Part[];
  readonly links: readonly Link[];
}

export interface Part {
  /** Unique in the whole picture, and the same from build to build: the path in the source, `s3/squeeze`. */
  readonly id: string;
  readonly kind: 'block' | 'op' | 'input' | 'output';
  /** The name in the source, relative to the block around it. */
  readonly name: string;
  /** What it is: the block's or the operation's name, the type of an input. */
  readonly of: string;
  /** Learned numbers in it. */
  readonly parameters: number;
  /** What a pointer that rests on it is told: lines of text. */
  readonly details: string;
  /** Only of blocks: what is in it. */
  readonly inside?: Diagram;
}

/** A tensor or several that go from one part to another of the same diagram. */
export interface Link {
  readonly from: string;
  readonly to: string;
  /** The types of the tensors, as the language writes them. */
  readonly shapes: readonly string[];
  /** Whether the shapes are written out; of links that carry the same, only the first says so. */
  readonly isLabelled: boolean;
}
