import type { BlockEntity } from '../resolve/program.ts';
import type { BlockDecl } from '../syntax/ast.ts';
import type { ProgramSize } from './complaints.ts';
import type { Definitions } from './definition.ts';

/**
 * The blocks of whose functions it is known beforehand that nothing is found while they are made. The definition of
 * such a block has read its body with the very hyper-parameters of each function, has shown all there is to show of
 * sizes, and so have those of the blocks that it mentions. Whoever wants to know of mistakes alone can leave their
 * functions out.
 */
export class SettledBlocks {
  private readonly mentioned: (entity: BlockEntity) => readonly BlockEntity[];
  private readonly depths = new Map<BlockEntity, number>();
  private statements = 0;
  private unrolled = 0;
  private functions = 0;

  constructor(mentioned: (entity: BlockEntity) => readonly BlockEntity[]) {
    this.mentioned = mentioned;
  }

  /** What all their functions come to at most; limits of a program hold with them. */
  get size(): ProgramSize {
    const { statements, unrolled, functions } = this;
    return { statements, unrolled, functions };
  }

  /** How many blocks call each other below a block, itself included; undefined where it is not settled. */
  depthOf(entity: BlockEntity): number | undefined {
    return this.depths.get(entity);
  }

  /** Takes in a block without mistakes, if it is settled; after those that it mentions. */
  add(
    entity: BlockEntity,
    depth: number,
    definitions: Definitions,
    counted: Pick<ProgramSize, 'statements' | 'unrolled'>,
  ): void {
    const variants = [...definitions.values()];
    const isSettled =
      definitions.size === variantsOf(entity.decl) &&
      variants.every((variant) => variant.isSettled) &&
      this.mentioned(entity).every((callee) => this.depths.has(callee));
    if (!isSettled) return;
    this.depths.set(entity, depth);
    // Definitions do not emit the calls of blocks. Each of them may stand in a loop that is unrolled.
    const calls = variants.reduce((sum, { callCount }) => sum + callCount, 0);
    this.statements += counted.statements + calls;
    this.unrolled += counted.unrolled + calls;
    this.functions += variants.length;
  }
}

/**
 * How many functions can be made of a block; undefined where definitions know less of hyper-parameters and axes than
 * functions do.
 */
function variantsOf({ hypers, inputs }: BlockDecl): number | undefined {
  if (inputs.some(({ type }) => type.axes.some(({ kind }) => kind === 'RestAxes'))) return undefined;
  let variants = 1;
  for (const { type } of hypers) {
    if (type.kind !== 'PlainHyper') return undefined;
    if (type.name === 'bool') variants *= 2;
    else if (type.name !== 'int' && type.name !== 'axis') return undefined;
  }
  return variants;
}
