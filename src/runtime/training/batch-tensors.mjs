/** The tensors of a batch that someone's own code has made, held against what the graphs take. */

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/**
 * @param {Function} Tensor of onnxruntime-node
 * @param {{ name: string, type: string, shape: (number | string)[] }[]} inputs a name in a shape is a length that only the
 *   batch knows
 * @param {object} batch by name, the numbers of each, row-major, or `{ data, dims }`, which has to be where a shape has
 *   more than one such name
 * @returns {{ tensors: object, sizes: Map<string, number> }} the tensors, and what the names stand for
 */
export function batchTensors(Tensor, inputs, batch = {}) {
  const tensors = {};
  const sizes = new Map();
  const sources = new Map();
  for (const name of Object.keys(batch)) {
    if (inputs.some((input) => input.name === name)) continue;
    throw new TypeError(
      `there is no input ${name}; there are ${inputs.map((input) => input.name).join(', ')}`,
    );
  }
  for (const { name, type, shape } of inputs) {
    const given = Object.hasOwn(batch, name) ? batch[name] : undefined;
    if (given === undefined || given === null)
      throw new TypeError(`the batch has no ${name}, which is ${type} ${written(shape)}`);
    const data = given.data ?? given;
    if (!(data instanceof arrays[type])) {
      const found = data.constructor?.name ?? typeof data;
      throw new TypeError(`${name} takes ${arrays[type].name} ${written(shape)}, not ${found}`);
    }
    const dims = given.dims ?? dimsOf(name, shape, data.length);
    if (product(dims) !== data.length) {
      throw new RangeError(`${name} has ${data.length} numbers, which is not [${dims.join(', ')}]`);
    }
    if (!isOf(dims, shape)) throw new RangeError(`${name} is [${dims.join(', ')}], not ${written(shape)}`);
    shape.forEach((size, axis) => {
      if (typeof size === 'number') return;
      const known = sizes.get(size) ?? dims[axis];
      if (known !== dims[axis]) {
        throw new RangeError(`${size} is ${known} in ${sources.get(size)} and ${dims[axis]} in ${name}`);
      }
      sizes.set(size, known);
      if (!sources.has(size)) sources.set(size, name);
    });
    tensors[name] = new Tensor(type, data, dims);
  }
  return { tensors, sizes };
}

/** The shape of so many numbers, where one length at most is not known. */
function dimsOf(name, shape, count) {
  const unknown = shape.filter((size) => typeof size !== 'number');
  if (unknown.length > 1) {
    throw new TypeError(
      `${name} is ${written(shape)}: give it as { data, dims }, since its length says too little`,
    );
  }
  const each = product(shape.filter((size) => typeof size === 'number'));
  if (unknown.length === 1 && (count === 0 || count % each !== 0)) {
    throw new RangeError(`${name} is ${written(shape)}: its ${count} numbers are no whole number of ${each}`);
  }
  return shape.map((size) => (typeof size === 'number' ? size : count / each));
}

function isOf(dims, shape) {
  return (
    dims.length === shape.length &&
    shape.every((size, axis) => typeof size !== 'number' || size === dims[axis])
  );
}

function product(sizes) {
  return sizes.reduce((all, size) => all * size, 1);
}

function written(shape) {
  return `[${shape.join(', ')}]`;
}
