import { stepErrors } from '../../test/support/step-errors.ts';
import { networkPair } from '../support/network-pairs.ts';

/**
 * The errors of single steps of training a network, as a line of JSON: `child.ts NETWORK OPTIMIZER SIZE BATCH STATES SEED`,
 * where OPTIMIZER is `sgd` or `adam`.
 */
const [network = '', optimizer, size, batch, states, seed] = process.argv.slice(2);
const errors = await stepErrors(networkPair(network), {
  optimizer: optimizer === 'adam' ? 'adam' : 'sgd',
  size: Number(size),
  batch: Number(batch),
  states: Number(states),
  seed: Number(seed),
});
process.stdout.write(`${JSON.stringify([...errors])}\n`);
