/** Gives memory that nobody needs any more back to the system, now. */
export function giveBackMemory(): void;
