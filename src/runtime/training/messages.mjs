/**
 * Messages through a pipe between two processes of one machine: what JSON can say, with typed arrays in it. These follow the
 * text as they lie in memory, so that they are neither encoded nor copied on their way into the pipe.
 *
 * A message is the length of its text in 4 bytes, the text, and the arrays one after the other. In the text,
 * `{ "$array": kind, "bytes": length }` stands for each.
 */

const kinds = { Float32Array, Int32Array, Uint8Array };
const headLength = 4;

/** The bytes of a message, piece by piece: views of its arrays, which may not change until they are written. */
export function writtenMessage(message) {
  const arrays = [];
  const text = Buffer.from(
    JSON.stringify(message, function (key) {
      // Not the second argument: what a Buffer would be as JSON.
      const value = this[key];
      if (!ArrayBuffer.isView(value)) return value;
      const kind = Object.keys(kinds).find((name) => value instanceof kinds[name]);
      if (kind === undefined) throw new TypeError('there is no message with such an array');
      arrays.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
      return { $array: kind, bytes: value.byteLength };
    }),
  );
  const head = Buffer.alloc(headLength);
  head.writeUInt32LE(text.length);
  return [head, text, ...arrays.filter(({ length }) => length > 0)];
}

/** Puts messages together from the pieces in which a pipe hands them out. */
export class MessageReader {
  #hear;
  #targets = this.#targetsInTurn();
  /** What is being filled, and how far it is. */
  #target = this.#targets.next().value;
  #filled = 0;

  /** @param {(message: unknown) => void} hear is called with each message */
  constructor(hear) {
    this.#hear = hear;
  }

  push(piece) {
    for (let at = 0; at < piece.length;) {
      const taken = piece.copy(this.#target, this.#filled, at);
      at += taken;
      this.#filled += taken;
      if (this.#filled < this.#target.length) continue;
      this.#filled = 0;
      this.#target = this.#targets.next().value;
    }
  }

  /** One buffer after the other, each filled when the next is asked for. */
  *#targetsInTurn() {
    // A generator that waits keeps its variables, and with them a message of some hundred megabytes: each has its own.
    for (;;) yield* this.#targetsOfOne();
  }

  *#targetsOfOne() {
    const head = Buffer.alloc(headLength);
    yield head;
    const text = Buffer.alloc(head.readUInt32LE());
    yield text;
    const arrays = [];
    const message = JSON.parse(text.toString('utf8'), (_, value) => {
      if (value === null || typeof value !== 'object' || !('$array' in value)) return value;
      const Kind = kinds[value.$array];
      const array = new Kind(value.bytes / Kind.BYTES_PER_ELEMENT);
      if (value.bytes > 0) arrays.push(Buffer.from(array.buffer));
      return array;
    });
    // The reviver comes by in the order of the text, which is that of the arrays.
    yield* arrays;
    this.#hear(message);
  }
}
