import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect;

/**
 * Has the engine of JavaScript look for what nobody needs any more and give it back to the system, which takes some
 * hundredths of a second. By itself it looks when it runs short, and a process that waits for another one never does: what
 * compiling a network has left behind would lie beside a training to its end.
 */
export function giveBackMemory() {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc');
    setFlagsFromString('--no-expose-gc');
  }
  // What the first round has freed in the heap, the second gives to the system.
  collect();
  collect();
}
