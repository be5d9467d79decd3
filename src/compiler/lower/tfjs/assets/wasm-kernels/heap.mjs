/** The heap: where tensors live. */

import * as wasmBackend from '@tensorflow/tfjs-backend-wasm';
import { instantiate } from './simd/instantiate.mjs';

/** @import { Backend, Info } from './kernel-call.mjs' */

/** The backend's memory, the SIMD functions in it, and buffers that are kept from call to call. */
export class Heap {
  /** @type {WeakMap<object, Heap>} */
  static #heaps = new WeakMap();

  /** @param {Backend} backend @returns {Heap} */
  static of(backend) {
    const known = Heap.#heaps.get(backend);
    if (known) return known;
    const heap = new Heap(backend);
    Heap.#heaps.set(backend, heap);
    return heap;
  }

  /** @param {Backend} backend */
  constructor(backend) {
    /** @type {WebAssembly.Memory | undefined} */
    const memory = backend.wasm.asm?.memory ?? backend.wasm.wasmMemory;
    if (!memory) {
      throw new Error(
        `The training kernels cannot find the memory of tfjs-backend-wasm ${wasmBackend.version_wasm}; ` +
          'they were written for 4.22.',
      );
    }
    this.backend = backend;
    this.memory = memory;
    this.simd = instantiate(memory);
    /** @type {Map<string, { address: number, bytes: number }>} */
    this.buffers = new Map();
  }

  /** @param {Info} tensor */
  address(tensor) {
    return this.backend.dataIdMap.get(tensor.dataId).memoryOffset;
  }

  /** A new tensor with undefined contents. @param {readonly number[]} shape */
  output(shape, dtype = 'float32') {
    const tensor = this.backend.makeOutput([...shape], dtype);
    if (this.address(tensor) === 0) this.#exhausted();
    return tensor;
  }

  /**
   * A buffer under a name; its contents last until the name is asked for again.
   * @param {string} name
   * @param {number} bytes
   */
  buffer(name, bytes) {
    const known = this.buffers.get(name);
    if (known && known.bytes >= bytes) return known.address;
    if (known) this.backend.wasm._free(known.address);
    const address = this.backend.wasm._malloc(Math.max(bytes, 16)) >>> 0;
    if (address === 0) this.#exhausted();
    this.buffers.set(name, { address, bytes });
    return address;
  }

  /**
   * Floats at an address. The view dies when the memory grows: take it after everything is allocated.
   * @param {number} address
   * @param {number} length
   */
  floats(address, length) {
    return new Float32Array(this.memory.buffer, address, length);
  }

  /** A buffer filled with addresses or offsets. @param {string} name @param {ArrayLike<number>} values */
  table(name, values) {
    const address = this.buffer(name, values.length * 4);
    new Uint32Array(this.memory.buffer, address, values.length).set(values);
    return address;
  }

  /** @returns {never} */
  #exhausted() {
    throw new Error('The WebAssembly heap is exhausted (it ends at 4 GiB): use a smaller batch or image.');
  }
}
