import type { Module } from './module.ts';

/** Whether something in the module waits for the sizes of the model: unfolding it will decide it. */
export function hasOpenChecks({ functions }: Module): boolean {
  return [...functions.values()].some(({ isOpen }) => isOpen);
}
