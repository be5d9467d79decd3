/**
 * Runs graphs in ONNX Runtime, and keeps what passes from one run to the next where it computes: the parameters never leave
 * unless they are asked for.
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
  // Threads that wait look for work for some times as long as it takes to wake one up, and then give their processor to
  // others. Were they to sleep at once, a step of many short operations would take a sixth longer; were they never to, half as
  // long again on a busy machine.
  extra: { session: { intra_op: { allow_spinning: '1', spin_duration_us: '100' } } },
};

/** A graph gives the new value of what is kept as the output of this and its name. */
const next = 'next/';

export class GraphRunner {
  #ort;
  #options;
  #sessions = [];
  /** The tensors as they are. Nobody writes into their arrays: a run makes new ones. */
  #kept = new Map();

  /**
   * @param {object} ort the module onnxruntime-node
   * @param {object} sessionOptions what differs from `sessionDefaults`
   */
  constructor(ort, sessionOptions) {
    this.#ort = ort;
    this.#options = { ...sessionDefaults, ...sessionOptions };
  }

  /** The number by which the graph of a file is run: its bytes, or the path to it. */
  async open(file) {
    this.#sessions.push(await this.#ort.InferenceSession.create(file, this.#options));
    return this.#sessions.length - 1;
  }

  /** Keeps these tensors, and none of those before. */
  async keep(tensors) {
    this.#kept = new Map(Object.entries(tensors).map(([name, tensor]) => [name, this.#tensor(tensor)]));
  }

  /** What is kept under these names, as it is now. */
  async kept(names) {
    return Object.fromEntries(names.map((name) => [name, this.#kept.get(name)]));
  }

  /** Runs a graph on these tensors and on what is kept, and keeps what it gives for that; the other outputs are returned. */
  async step(graph, tensors) {
    const session = this.#session(graph);
    const feeds = this.#tensors(tensors);
    for (const name of session.inputNames) if (this.#kept.has(name)) feeds[name] = this.#kept.get(name);
    // Tensors to write into would be written into, and copied besides: the binding returns arrays of its own.
    const results = await session.run(feeds);
    const others = {};
    // Only now, when all of the step is there, it counts.
    for (const [name, tensor] of Object.entries(results)) {
      if (name.startsWith(next)) this.#kept.set(name.slice(next.length), tensor);
      else others[name] = tensor;
    }
    return others;
  }

  /**
   * Runs a graph on these tensors and on parts of what is kept, each `{ name, of, at, dims }`: the input, the vector and the
   * first of its elements. Returns the outputs of these names, all where none are named.
   */
  async evaluate(graph, tensors, parts, outputs) {
    const session = this.#session(graph);
    const feeds = this.#tensors(tensors);
    const taken = new Set(session.inputNames);
    for (const { name, of, at, dims } of parts) {
      if (!taken.has(name)) continue;
      const size = dims.reduce((product, length) => product * length, 1);
      const { type, data } = this.#kept.get(of);
      feeds[name] = this.#tensor({ type, dims, data: data.subarray(at, at + size) });
    }
    return session.run(feeds, outputs ?? session.outputNames);
  }

  /** Frees the graphs, and forgets what is kept. */
  async close() {
    const sessions = this.#sessions.splice(0);
    this.#kept.clear();
    await Promise.all(sessions.map((session) => session.release()));
  }

  #session(graph) {
    const session = this.#sessions[graph];
    if (session === undefined) throw new Error(`no graph ${graph} is open`);
    return session;
  }

  #tensors(tensors) {
    return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, this.#tensor(tensor)]));
  }

  #tensor(tensor) {
    const { Tensor } = this.#ort;
    return tensor instanceof Tensor ? tensor : new Tensor(tensor.type, tensor.data, tensor.dims);
  }
}
