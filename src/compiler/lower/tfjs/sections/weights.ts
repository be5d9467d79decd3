import { stringLiteral } from '../literals.ts';
import { laidOut, type Section } from './section.ts';

export interface WeightFacts {
  /** The model's name as a literal. */
  readonly model: string;
  readonly seed: number;
  /** Whether the table of parameters calls `turns`. */
  readonly hasTurns: boolean;
  /** Paths of instances whose functions look for weights and find none. */
  readonly bare: readonly string[];
}

/** What turns the table of parameters into variables, and variables into files and back. */
export function weightsSection({ model, seed, hasTurns, bare }: WeightFacts): Section {
  const turns = `
/** The rows of all turns of a loop. */
function turns(count, rows) {
  return Array.from({ length: count }, (_, turn) => rows(turn)).flat();
}
`;
  const bareInstances = `
/** Blocks that have weights at other sizes, and none here. */
const bare = [${bare.map(stringLiteral).join(', ')}];
`;
  const makeBare = `
  for (const path of bare) path.split('/').reduce((node, name) => (node[name] ??= Object.create(null)), w);`;
  return laidOut(`${hasTurns ? turns : ''}${bare.length > 0 ? bareInstances : ''}
/**
 * Fresh weights and state: \`w.a.b\` is the tf.Variable of the parameter a/b. Equal seeds give equal bytes, here and in
 * every other program that netc writes of the model. \`tf.dispose(w)\` frees them.
 */
export function createWeights(seed = ${seed}) {
  const w = Object.create(null);${bare.length > 0 ? makeBare : ''}
  for (const { path, shape, order, init, fan = [0, 0], role } of parameters) {
    const values = tf.tidy(() => toProgram(fillInitial(init, shape, ...fan, seed, path), shape, order));
    const names = path.split('/');
    const last = names.pop();
    const owner = names.reduce((node, name) => (node[name] ??= Object.create(null)), w);
    owner[last] = tf.variable(values, role !== 'state');
    values.dispose();
  }
  return w;
}

/** The variable of a parameter. */
function variableAt(w, path) {
  return path.split('/').reduce((node, name) => node[name], w);
}

/** Values in the order of a checkpoint, which is PyTorch's, as a tensor in the order of this program. */
function toProgram(values, shape, order) {
  const tensor = tf.tensor(values, shape);
  return order === undefined ? tensor : tf.transpose(tensor, order);
}

/** The way back. */
function toCheckpoint(tensor, order) {
  if (order === undefined) return tensor.clone();
  const back = order.map((_, axis) => order.indexOf(axis));
  return tf.transpose(tensor, back);
}

/** What a file of weights holds: a name, a layout and a variable for each parameter. */
function weightEntries(w) {
  return parameters.map(({ path, shape, order }) => ({
    name: path,
    shape,
    order,
    variable: variableAt(w, path),
  }));
}

/** The values of variables as the bytes of a safetensors file: float32 by name, axes in PyTorch's order. */
async function exportVariables(entries, metadata) {
  const tensors = new Map();
  for (const { name, shape, order, variable } of entries) {
    const tensor = toCheckpoint(variable, order);
    tensors.set(name, { shape, data: await tensor.data() });
    tensor.dispose();
  }
  return formatSafetensors(tensors, { model: ${model}, ...metadata });
}

/** Gives variables the values of a file. Nothing changes unless names and shapes fit, all of them. */
function importVariables(entries, tensors) {
  const problems = entries.flatMap(({ name, shape }) => {
    const found = tensors.get(name)?.shape;
    if (found === undefined) return [\`\${name} is missing\`];
    if (found.join() === shape.join()) return [];
    return [\`\${name} is [\${found.join(', ')}], not [\${shape.join(', ')}]\`];
  });
  const known = new Set(entries.map(({ name }) => name));
  for (const name of tensors.keys()) if (!known.has(name)) problems.push(\`\${name} is not of this model\`);
  if (problems.length > 0) {
    const more = problems.length > 10 ? \`\\n  and \${problems.length - 10} more\` : '';
    throw new RangeError(\`the file does not fit the model:\\n  \${problems.slice(0, 10).join('\\n  ')}\${more}\`);
  }
  tf.tidy(() => {
    for (const { name, shape, order, variable } of entries) {
      variable.assign(toProgram(tensors.get(name).data, shape, order));
    }
  });
}

/** Weights and state as the bytes of a safetensors file. */
export function exportWeights(w) {
  return exportVariables(weightEntries(w), { format: 'netc-1' });
}

/** Takes over what \`exportWeights\` gave. Nothing changes unless it fits. */
export function importWeights(w, bytes) {
  importVariables(weightEntries(w), parseSafetensors(bytes).tensors);
}

/** Writes the weights to a file, whole or not at all. Node only. */
export async function saveWeights(w, file) {
  const { rename, rm, writeFile } = await import('node:fs/promises');
  const unfinished = \`\${file}.\${process.pid}.tmp\`;
  try {
    await writeFile(unfinished, await exportWeights(w));
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** Reads weights from a file. Node only. */
export async function loadWeights(w, file) {
  const { readFile } = await import('node:fs/promises');
  importWeights(w, await readFile(file));
}
`);
}
