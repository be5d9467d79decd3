import type { GraphValue } from '../ir/graph.ts';
import { physicalInputs, physicalOutputs, type PhysicalGraph, type PhysicalOp } from '../ir/physical.ts';
import { milliseconds } from '../lower/onnx/forms/convolution-cost.ts';
import { elements } from '../ops/sizes-of.ts';
import type { BlockedPlaces, OnnxForm } from '../lower/onnx/forms/form.ts';

/** A node that may take tensors in blocks of channels, and give them. */
export interface BlockChoice {
  readonly node: PhysicalOp;
  readonly form: OnnxForm;
  readonly places: BlockedPlaces;
  /** Milliseconds that it saves against the best that leaves all tensors as they are; negative where it is slower. */
  readonly gain: number;
}

/** Times that all nodes are looked at; what has not settled then gains little. */
const SWEEPS = 4;

/**
 * Those of the nodes that take tensors in blocks to be taken so: what they gain, less what it takes to move tensors into
 * blocks and out of them where they meet others, is more than nothing. Found from all of them on, by leaving out or taking
 * in again one node at a time as long as that gains, and then whole regions that do not pay.
 */
export function regionsInBlocks(
  graph: PhysicalGraph,
  choices: readonly BlockChoice[],
): readonly BlockChoice[] {
  const search = new Search(graph, choices);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const changed = choices.filter((choice) => search.flipIfCheaper(choice)).length;
    if (changed === 0) break;
  }
  return search.regions().flatMap((region) => (search.gainOf(region) > 0 ? region : []));
}

/** A tensor and how those that make and read it may have it. */
interface Tensor {
  readonly elements: number;
  /** Undefined where it is no output of a node that can give it in blocks. */
  maker: BlockChoice | undefined;
  /** Each that can take it in blocks, */
  readonly readers: BlockChoice[];
  /** and whether there are others. */
  isReadPlain: boolean;
}

class Search {
  readonly #taken: Set<BlockChoice>;
  readonly #tensors = new Map<number, Tensor>();
  readonly #around = new Map<BlockChoice, readonly Tensor[]>();

  constructor(graph: PhysicalGraph, choices: readonly BlockChoice[]) {
    this.#taken = new Set(choices);
    const byNode = new Map<unknown, BlockChoice>(choices.map((choice) => [choice.node, choice]));
    const tensor = (value: GraphValue): Tensor => {
      const known = this.#tensors.get(value.id);
      const made = known ?? {
        elements: elements(value.type).value ?? 0,
        maker: undefined,
        readers: [],
        isReadPlain: false,
      };
      this.#tensors.set(value.id, made);
      return made;
    };
    for (const node of graph.nodes) {
      const choice = byNode.get(node);
      physicalInputs(node).forEach((value, i) => {
        if (choice?.places.inputs.includes(i) === true) tensor(value).readers.push(choice);
        else tensor(value).isReadPlain = true;
      });
      physicalOutputs(node).forEach((value, i) => {
        if (choice?.places.outputs.includes(i) === true) tensor(value).maker = choice;
      });
    }
    for (const { value } of [...graph.outputs, ...graph.updates]) tensor(value).isReadPlain = true;
    for (const choice of choices) this.#around.set(choice, tensorsOf(choice).map(tensor));
  }

  /** Whether a node was left out, or taken in again, because that is cheaper. */
  flipIfCheaper(choice: BlockChoice): boolean {
    const around = this.#around.get(choice) ?? [];
    const before = this.#moving(around) - (this.#taken.has(choice) ? choice.gain : 0);
    this.#flip(choice);
    const after = this.#moving(around) - (this.#taken.has(choice) ? choice.gain : 0);
    if (after < before) return true;
    this.#flip(choice);
    return false;
  }

  /** Those taken, with those that they hand tensors in blocks to. */
  regions(): readonly (readonly BlockChoice[])[] {
    const left = new Set(this.#taken);
    const regions: BlockChoice[][] = [];
    for (const first of this.#taken) {
      if (!left.delete(first)) continue;
      const region = [first];
      for (const choice of region)
        region.push(...this.#neighbours(choice).filter((next) => left.delete(next)));
      regions.push(region);
    }
    return regions;
  }

  gainOf(region: readonly BlockChoice[]): number {
    const around = new Set(region.flatMap((choice) => this.#around.get(choice) ?? []));
    return region.reduce((sum, { gain }) => sum + gain, 0) - this.#moving([...around]);
  }

  /** Who shares a tensor in blocks with a node, those left out among them. */
  #neighbours(choice: BlockChoice): readonly BlockChoice[] {
    return (this.#around.get(choice) ?? []).flatMap(({ maker, readers }) =>
      maker !== undefined && this.#taken.has(maker) ? [maker, ...readers] : [],
    );
  }

  #flip(choice: BlockChoice): void {
    if (!this.#taken.delete(choice)) this.#taken.add(choice);
  }

  /** What it takes to move tensors, each once, to where they are read otherwise than they are made. */
  #moving(tensors: readonly Tensor[]): number {
    return tensors.reduce((sum, { elements: count, maker, readers, isReadPlain }) => {
      const isMadeInBlocks = maker !== undefined && this.#taken.has(maker);
      const isMoved = isMadeInBlocks
        ? isReadPlain || readers.some((reader) => !this.#taken.has(reader))
        : readers.some((reader) => this.#taken.has(reader));
      return isMoved ? sum + count * milliseconds.reordered + milliseconds.node : sum;
    }, 0);
  }
}

/** What a node takes and gives in blocks. */
function tensorsOf({ node, places }: BlockChoice): readonly GraphValue[] {
  const at = (values: PhysicalOp['inputs'], positions: readonly number[]): readonly GraphValue[] => {
    const chosen = positions.flatMap((i) => values[i] ?? []);
    return chosen.filter((value, i) => chosen.findIndex(({ id }) => id === value.id) === i);
  };
  return [...at(node.inputs, places.inputs), ...at(node.outputs, places.outputs)];
}
