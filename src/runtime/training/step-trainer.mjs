/**
 * Trains by the graphs of netc's target `onnx-train`. It knows no model: the program that it is given says what the graphs
 * take and what they make. Nor does it compute: a runner does, and keeps the parameters, which are weights, state such as
 * running statistics, and what the optimiser keeps of each weight.
 */

export class StepTrainer {
  #runner;
  #uniforms;
  #program;
  #steps;
  #step = 0;
  #seed;
  /** Where each parameter is: in which tensor, and from which element. */
  #places = new Map();
  /** The graphs of steps, by phase and size of batch, each with the runner's number for it. */
  #graphs = new Map();
  /** Where the average of a parameter is kept, if there is one. */
  #averages = new Map();
  #evaluation;
  /** The last thing that was asked for: what reads or writes parameters waits for it. */
  #last = Promise.resolve();
  /** That the runner has the parameters; where it could not take them over, nothing can be asked for. */
  #kept = Promise.resolve();
  #stepsUnderWay = 0;
  #origin;

  /**
   * @param {object} means `runner`: see graph-runner.mjs; `uniforms`: of generator.mjs
   * @param {object} program see step-program.ts
   * @param {object} options `seed` of the random numbers, `steps` in all, `initial` values by path
   */
  constructor({ runner, uniforms }, program, { seed, steps, initial }) {
    this.#runner = runner;
    this.#uniforms = uniforms;
    this.#program = program;
    this.#steps = steps;
    this.#seed = seed;
    for (const { path, shape, averages, place } of program.parameters) {
      this.#places.set(path, { vector: path, at: 0, ...place, size: elements(shape) });
      if (averages !== undefined) this.#averages.set(averages, path);
    }
    this.#keep(({ path, averages }) => initial.get(averages ?? path));
  }

  /** Steps taken since the weights were new. */
  get step() {
    return this.#step;
  }

  /** What the last step's numbers that are none began with, where its graph is watched. */
  get origin() {
    return this.#origin;
  }

  get seed() {
    return this.#seed;
  }

  /** Of the next step. */
  get learningRate() {
    return this.#program.learningRate(this.#step, this.#steps);
  }

  /** Opens the graph of evaluation: what cannot compute here says so before training begins. */
  async open() {
    await this.#afterTheLast(() => this.#evaluationGraph());
  }

  /** One step on a batch of this size, tensors by the names of inputs; returns the loss before it. */
  trainOn(batch, tensors) {
    this.#stepsUnderWay += 1;
    const loss = this.#afterTheLast(async () => {
      const { accumulation = 1 } = this.#program;
      const number = this.#step + 1;
      const phase = number % accumulation === 0 ? 'update' : 'accumulate';
      const { scalars, draws, watch, opened } = await this.#graphFor(batch, phase);
      // Optimisers count their own steps.
      const numbers = { rate: this.learningRate, step: number / accumulation };
      const feeds = { ...tensors };
      for (const { name, valueAt } of scalars) feeds[name] = tensor(Float32Array.of(valueAt(numbers)), []);
      for (const { name, stream, shape } of draws) {
        feeds[name] = tensor(this.#uniforms(elements(shape), this.#seed, stream, number), shape);
      }
      const { loss, ...others } = await this.#runner.step(opened, feeds);
      this.#step = number;
      this.#origin = watch?.originOf((output) => Number.isFinite(others[output].data[0]));
      return loss.data[0];
    });
    return loss.finally(() => {
      this.#stepsUnderWay -= 1;
    });
  }

  /** The loss and the outputs of the model in inference mode: tensors by name, those of `outputs` where it is given. */
  evaluate(tensors, outputs) {
    return this.#afterTheLast(async () => {
      const parts = this.#program.parameters.map(({ path, shape }) => {
        const { vector, at } = this.#places.get(this.#averages.get(path) ?? path);
        return { name: path, of: vector, at, dims: shape };
      });
      const graph = await this.#evaluationGraph();
      const wanted = outputs && ['loss', ...outputs];
      const { loss, ...others } = await this.#runner.evaluate(graph, tensors, parts, wanted);
      return { loss: loss.data[0], outputs: others };
    });
  }

  /** All that training goes on from: the number of steps, the seed, and shapes and values by path. */
  state() {
    return this.#afterTheLast(async () => {
      const [step, seed] = [this.#step, this.#seed];
      return { step, seed, parameters: await this.#read(this.#program.parameters, (path) => path) };
    });
  }

  /** Weights and running statistics to evaluate by: their averages, where there are any. */
  weights() {
    const own = this.#program.parameters.filter(({ role }) => role !== 'slot');
    return this.#afterTheLast(() => this.#read(own, (path) => this.#averages.get(path) ?? path));
  }

  /** Takes over a state, bit for bit; RangeError, and nothing changes, where it does not fit the model. */
  restore(tensors, { step, seed = this.#seed }) {
    if (!/^\d+$/.test(step)) {
      throw new RangeError('the file does not say how many steps were taken: it is not of a trainer');
    }
    // The end of a step would take the place of what is taken over.
    if (this.#stepsUnderWay > 0) throw new Error('a state is taken over between steps, and one is under way');
    expectFit(this.#program.parameters, tensors);
    this.#keep(({ path }) => tensors.get(path).data);
    this.#step = Number(step);
    this.#seed = Number(seed);
  }

  /** Frees the graphs and forgets the parameters, after what is under way. */
  async close() {
    await this.#last;
    await this.#runner.close();
  }

  /** A step goes on from what the one before it made, so that one has to wait for the other, whoever calls. */
  #afterTheLast(action) {
    const result = this.#last.then(() => this.#kept).then(action);
    // Whoever asked hears of a failure; what comes next does not.
    this.#last = result.catch(() => undefined);
    return result;
  }

  #graphFor(batch, phase) {
    const key = `${phase} ${batch}`;
    const known = this.#graphs.get(key);
    if (known !== undefined) return known;
    const made = Promise.resolve(this.#program.stepFor(batch, phase)).then(async ({ file, ...graph }) => ({
      ...graph,
      opened: await this.#runner.open(file),
    }));
    this.#graphs.set(key, made);
    return made;
  }

  #evaluationGraph() {
    return (this.#evaluation ??= this.#runner.open(this.#program.evaluation));
  }

  /**
   * Hands over the values of all parameters, zeros for what is not given: whatever is asked for later finds them. Zeros, which are
   * most of a new training, are made where they are kept.
   */
  #keep(valuesOf) {
    const lengths = new Map();
    for (const { vector, at, size } of this.#places.values())
      lengths.set(vector, Math.max(lengths.get(vector) ?? 0, at + size));
    const data = new Map();
    const shapes = new Map();
    for (const parameter of this.#program.parameters) {
      const { vector, at } = this.#places.get(parameter.path);
      if (parameter.place === undefined) shapes.set(vector, parameter.shape);
      const values = valuesOf(parameter);
      if (values === undefined) continue;
      if (!data.has(vector)) data.set(vector, new Float32Array(lengths.get(vector)));
      data.get(vector).set(values, at);
    }
    const tensors = Object.fromEntries(
      [...lengths].map(([vector, length]) => [
        vector,
        tensor(data.get(vector), shapes.get(vector) ?? [length]),
      ]),
    );
    this.#kept = this.#last.then(() => this.#runner.keep(tensors));
    this.#last = this.#kept.catch(() => undefined);
  }

  async #read(parameters, sourceOf) {
    const places = parameters.map(({ path }) => this.#places.get(sourceOf(path)));
    const kept = await this.#runner.kept([...new Set(places.map(({ vector }) => vector))]);
    return parameters.map(({ path, shape }, i) => {
      const { vector, at, size } = places[i];
      return [path, { shape, data: kept[vector].data.subarray(at, at + size) }];
    });
  }
}

function tensor(data, dims) {
  return { type: 'float32', dims, data };
}

/** RangeError that names what is missing, has another shape, or is not of these parameters. */
export function expectFit(parameters, tensors) {
  const problems = parameters.flatMap(({ path, shape }) => {
    const found = tensors.get(path);
    if (found === undefined) return [`${path} is missing`];
    if (!(found.data instanceof Float32Array)) return [`${path} is not of float32`];
    return found.shape.join() === shape.join()
      ? []
      : [`${path} is [${found.shape.join(', ')}], not [${shape.join(', ')}]`];
  });
  const known = new Set(parameters.map(({ path }) => path));
  for (const name of tensors.keys()) if (!known.has(name)) problems.push(`${name} is not of this model`);
  if (problems.length === 0) return;
  const more = problems.length > 10 ? `\n  and ${problems.length - 10} more` : '';
  throw new RangeError(`the file does not fit the model:\n  ${problems.slice(0, 10).join('\n  ')}${more}`);
}

function elements(shape) {
  return shape.reduce((product, size) => product * size, 1);
}
