import { gradientErrors } from '../../test/support/whole-gradients.ts';
import { networkPair } from '../support/network-pairs.ts';

/**
 * The errors of the gradients of one network, as a line of JSON: `child.ts NETWORK ACTIVATION SIZE BATCH SEED`, where
 * ACTIVATION is `relu` or `silu`.
 */
const [network = '', activation, size, batch, seed] = process.argv.slice(2);
const errors = await gradientErrors(networkPair(network), {
  smooth: activation === 'silu',
  size: Number(size),
  batch: Number(batch),
  seed: Number(seed),
});
process.stdout.write(`${JSON.stringify(errors)}\n`);
