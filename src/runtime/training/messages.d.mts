// The types of messages.mjs, which is plain JavaScript because it runs in a process that loads nothing else.

/** The bytes of a message, piece by piece: views of its arrays, which may not change until they are written. */
export function writtenMessage(message: unknown): readonly Uint8Array[];

/** Puts messages together from the pieces in which a pipe hands them out. */
export class MessageReader {
  constructor(hear: (message: unknown) => void);
  push(piece: Uint8Array): void;
}
