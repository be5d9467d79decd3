/**
 * Trains by the graphs of netc's target `onnx-train` in ONNX Runtime. It knows no model: the program that it is given
 * says what the graphs take and what they make. It owns the parameters, which are weights, state such as running
 * statistics, and what the optimiser keeps of each weight.
 */

/** How sessions are made where nobody says otherwise. */
export const sessionDefaults = {
  executionProviders: ['cpu'],
  // What ONNX Runtime's optimiser does to a step costs seconds and gains nothing: the graph comes as it is to be run.
  graphOptimizationLevel: 'disabled',
  executionMode: 'sequential',
  // A plan of all memory in advance takes a third more than what is needed at any time.
  enableMemPattern: false,
  logSeverityLevel: 4,
  // Threads that wait look for work as long as it takes to wake one up, and then give their processor to others. Were they
  // to sleep at once, a step of many short operations would take a sixth longer; were they never to, half as long again on a
  // busy machine.
  extra: { session: { intra_op: { allow_spinning: '1', spin_duration_us: '20' } } },
};

/** A graph gives the new value of a parameter as the output of this and its path. */
const next = 'next/';

export class StepTrainer {
  #ort;
  #uniforms;
  #program;
  #options;
  #step = 0;
  #seed;
  /** Where each parameter is: in which tensor, and from which element. */
  #places = new Map();
  /** The tensors as they are. Nobody writes into their arrays: a step makes new ones. */
  #current = new Map();
  #steps = new Map();
  /** Where the average of a parameter is kept, if there is one. */
  #averages = new Map();
  #evaluation;
  /** The last thing that was asked for: what reads or writes parameters waits for it. */
  #last = Promise.resolve();
  #underWay = 0;
  #origin;

  /**
   * @param {object} means `ort`: the module onnxruntime-node; `uniforms`: of generator.mjs
   * @param {object} program see step-program.ts
   * @param {object} options `seed` of the random numbers, `steps` in all, `initial` values by path, `sessionOptions`
   */
  constructor({ ort, uniforms }, program, { seed, steps, initial, sessionOptions }) {
    this.#ort = ort;
    this.#uniforms = uniforms;
    this.#program = program;
    this.#options = { steps, sessionOptions: { ...sessionDefaults, ...sessionOptions } };
    this.#seed = seed;
    for (const { path, shape, averages, place } of program.parameters) {
      this.#places.set(path, { vector: path, at: 0, ...place, size: elements(shape) });
      if (averages !== undefined) this.#averages.set(averages, path);
    }
    this.#current = this.#tensorsOf(({ path, averages }) => initial.get(averages ?? path));
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
    return this.#program.learningRate(this.#step, this.#options.steps);
  }

  /** Makes the session of evaluation: what cannot compute here says so before training begins. */
  async open() {
    await this.#evaluationSession();
  }

  /** One step on a batch of this size, tensors by the names of inputs; returns the loss before it. */
  trainOn(batch, tensors) {
    return this.#afterTheLast(async () => {
      const { accumulation = 1 } = this.#program;
      const number = this.#step + 1;
      const phase = number % accumulation === 0 ? 'update' : 'accumulate';
      const { graph, session } = await this.#stepFor(batch, phase);
      // Optimisers count their own steps.
      const numbers = { rate: this.learningRate, step: number / accumulation };
      const feeds = { ...tensors };
      for (const name of session.inputNames)
        if (this.#current.has(name)) feeds[name] = this.#current.get(name);
      for (const { name, valueAt } of graph.scalars) {
        feeds[name] = this.#tensor(Float32Array.of(valueAt(numbers)), []);
      }
      for (const { name, stream, shape } of graph.draws) {
        feeds[name] = this.#tensor(this.#uniforms(elements(shape), this.#seed, stream, number), shape);
      }
      const fetches = { loss: null };
      const replaced = session.outputNames
        .filter((name) => name.startsWith(next))
        .map((name) => name.slice(next.length));
      for (const output of graph.watch?.outputs ?? []) fetches[output] = null;
      // Tensors to write into would be written into, and copied besides: the binding returns arrays of its own.
      for (const path of replaced) fetches[`${next}${path}`] = null;
      const results = await session.run(feeds, fetches);
      this.#origin = graph.watch?.originOf((output) => Number.isFinite(results[output].data[0]));
      // Only now, when all of the step is there, it counts.
      for (const path of replaced) this.#current.set(path, results[`${next}${path}`]);
      this.#step = number;
      return results.loss.data[0];
    });
  }

  /** The loss and the outputs of the model in inference mode: tensors by name, those of `outputs` where it is given. */
  evaluate(tensors, outputs) {
    return this.#afterTheLast(async () => {
      const session = await this.#evaluationSession();
      const feeds = { ...tensors };
      const taken = new Set(session.inputNames);
      for (const { path, shape } of this.#program.parameters) {
        if (taken.has(path))
          feeds[path] = this.#tensor(this.#values(this.#averages.get(path) ?? path), shape);
      }
      const { loss, ...others } = await session.run(feeds, outputs && ['loss', ...outputs]);
      return { loss: loss.data[0], outputs: others };
    });
  }

  /** All that training goes on from beside the number of steps and the seed: shapes and values by path. */
  state() {
    return this.#program.parameters.map(({ path, shape }) => [path, { shape, data: this.#values(path) }]);
  }

  /** Weights and running statistics to evaluate by: their averages, where there are any. */
  weights() {
    const own = this.#program.parameters.filter(({ role }) => role !== 'slot');
    return own.map(({ path, shape }) => [
      path,
      { shape, data: this.#values(this.#averages.get(path) ?? path) },
    ]);
  }

  /** Takes over a state, bit for bit; RangeError, and nothing changes, where it does not fit the model. */
  restore(tensors, { step, seed = this.#seed }) {
    if (!/^\d+$/.test(step)) {
      throw new RangeError('the file does not say how many steps were taken: it is not of a trainer');
    }
    // The end of a step would take the place of what is taken over.
    if (this.#underWay > 0) throw new Error('a state is taken over between steps, and one is under way');
    expectFit(this.#program.parameters, tensors);
    this.#current = this.#tensorsOf(({ path }) => tensors.get(path).data);
    this.#step = Number(step);
    this.#seed = Number(seed);
  }

  /** Frees the sessions and forgets the parameters, after what is under way. */
  async close() {
    await this.#afterTheLast(async () => {
      const sessions = [
        this.#evaluation,
        ...[...this.#steps.values()].map((step) => step.then(({ session }) => session)),
      ];
      this.#evaluation = undefined;
      for (const map of [this.#steps, this.#current]) map.clear();
      // A session that could not be made has told whoever asked for it.
      for (const session of sessions)
        await Promise.resolve(session).then(
          (made) => made?.release(),
          () => undefined,
        );
    });
  }

  /** A step goes on from what the one before it made, so that one has to wait for the other, whoever calls. */
  #afterTheLast(action) {
    this.#underWay += 1;
    const result = this.#last.then(action).finally(() => {
      this.#underWay -= 1;
    });
    // Whoever asked hears of a failure; what comes next does not.
    this.#last = result.catch(() => undefined);
    return result;
  }

  #stepFor(batch, phase) {
    const key = `${phase} ${batch}`;
    const known = this.#steps.get(key);
    if (known !== undefined) return known;
    const made = Promise.resolve(this.#program.stepFor(batch, phase)).then(async (graph) => ({
      graph,
      session: await this.#session(graph.file),
    }));
    this.#steps.set(key, made);
    return made;
  }

  #evaluationSession() {
    return (this.#evaluation ??= this.#session(this.#program.evaluation));
  }

  #session(file) {
    return this.#ort.InferenceSession.create(file, this.#options.sessionOptions);
  }

  /** New tensors with the values of all parameters, zeros for what is not given. */
  #tensorsOf(valuesOf) {
    const lengths = new Map();
    for (const { vector, at, size } of this.#places.values())
      lengths.set(vector, Math.max(lengths.get(vector) ?? 0, at + size));
    const data = new Map([...lengths].map(([vector, length]) => [vector, new Float32Array(length)]));
    const shapes = new Map();
    for (const parameter of this.#program.parameters) {
      const { vector, at } = this.#places.get(parameter.path);
      data.get(vector).set(valuesOf(parameter) ?? [], at);
      if (parameter.place === undefined) shapes.set(vector, parameter.shape);
    }
    return new Map(
      [...data].map(([vector, values]) => [
        vector,
        this.#tensor(values, shapes.get(vector) ?? [values.length]),
      ]),
    );
  }

  #values(path) {
    const { vector, at, size } = this.#places.get(path);
    return this.#current.get(vector).data.subarray(at, at + size);
  }

  #tensor(data, shape) {
    return new this.#ort.Tensor('float32', data, shape);
  }
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
