/**
 * Runs graphs in ONNX Runtime, and keeps what passes from one run to the next where it computes: the parameters never leave
 * unless they are asked for.
 */
import { arrayFor, outputsOf, runInto, withStop } from './into-arrays.mjs';

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

/** A graph gives the new value of what is kept as the output of this and its name, */
const next = 'next.value/';
/** or of this: a graph writes those last of all, so that it may write them over what it has read. */
const over = 'next.over/';

/** What an output is the new value of, if it is that of something that is kept. */
function keptName(output) {
  const prefix = [next, over].find((one) => output.startsWith(one));
  return prefix && output.slice(prefix.length);
}

export class GraphRunner {
  #ort;
  #options;
  #sessions = [];
  /** The tensors as they are. */
  #kept = new Map();
  /** What was kept before the last run, for the next one to write to: one that fails on the way leaves what is kept as it is. */
  #spare = new Map();
  /** Tensors that were made here, or given away to here, and that nobody else has: no others are written to. */
  #own = new WeakSet();
  /** Whether runs write into arrays that they are given. */
  #writes = true;

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
    this.#sessions.push(await this.#ort.InferenceSession.create(await withStop(file), this.#options));
    return this.#sessions.length - 1;
  }

  /**
   * Keeps these tensors, and none of those before; zeros where they have no data. Later runs write to their arrays if they are given
   * away.
   */
  async keep(tensors, { givenAway = false } = {}) {
    const kept = Object.entries(tensors).map(([name, { type, dims, data }]) => {
      const tensor = this.#tensor({ type, dims, data: data ?? new Float32Array(elements(dims)) });
      if (givenAway || data === undefined) this.#own.add(tensor);
      return [name, tensor];
    });
    this.#kept = new Map(kept);
    this.#spare.clear();
  }

  /** What is kept under these names, as it is now; where it is not lent, only until the next run, which may write to its arrays. */
  async kept(names, { lent = true } = {}) {
    return Object.fromEntries(
      names.map((name) => {
        const tensor = this.#kept.get(name);
        if (lent) this.#own.delete(tensor);
        return [name, tensor];
      }),
    );
  }

  /** Runs a graph on these tensors and on what is kept, and keeps what it gives for that; the other outputs are returned. */
  async step(graph, tensors) {
    const session = this.#session(graph);
    const feeds = this.#tensors(tensors);
    for (const name of session.inputNames) if (this.#kept.has(name)) feeds[name] = this.#kept.get(name);
    const results = await this.#run(session, feeds);
    const others = {};
    // Only now, when all of the step is there, it counts.
    for (const [name, tensor] of Object.entries(results)) {
      const of = keptName(name);
      if (of === undefined) others[name] = tensor;
      else this.#replace(of, tensor);
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
      const { type, data } = this.#kept.get(of);
      feeds[name] = this.#tensor({ type, dims, data: data.subarray(at, at + elements(dims)) });
    }
    return session.run(feeds, outputs ?? outputsOf(session).map(({ name }) => name));
  }

  /** Frees the graphs, and forgets what is kept. */
  async close() {
    const sessions = this.#sessions.splice(0);
    this.#kept.clear();
    this.#spare.clear();
    await Promise.all(sessions.map((session) => session.release()));
  }

  /** All outputs of a run: in arrays from before, as far as there are any. */
  async #run(session, feeds) {
    const outputs = this.#writes ? this.#outputsToWrite(session) : undefined;
    if (outputs !== undefined && (await runInto(session, feeds, outputs))) return outputs;
    const names = outputsOf(session).map(({ name }) => name);
    const results = await session.run(feeds, names);
    // So it was the arrays that were not wanted.
    if (outputs !== undefined) this.#writes = false;
    return results;
  }

  /** A tensor for each output, undefined where the shape of one is not known. */
  #outputsToWrite(session) {
    const outputs = {};
    for (const output of outputsOf(session)) {
      const { name, type, shape } = output;
      const of = keptName(name);
      const data = arrayFor(output, this.#arrayOf(name, of));
      if (data === undefined) return undefined;
      outputs[name] = new this.#ort.Tensor(type, data, shape);
      if (of === undefined) continue;
      // No other run may write to it meanwhile.
      this.#spare.delete(of);
      this.#own.add(outputs[name]);
    }
    return outputs;
  }

  /** The array that an output may be written to which is the new value of what is kept under a name, if there is one. */
  #arrayOf(output, name) {
    if (!output.startsWith(over)) return this.#spare.get(name)?.data;
    const old = this.#kept.get(name);
    return this.#own.has(old) ? old.data : undefined;
  }

  #replace(name, tensor) {
    const old = this.#kept.get(name);
    this.#kept.set(name, tensor);
    if (this.#own.has(old) && old.data !== tensor.data) this.#spare.set(name, old);
    else this.#spare.delete(name);
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

function elements(dims) {
  return dims.reduce((product, length) => product * length, 1);
}
