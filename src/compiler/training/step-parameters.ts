import type { GraphParam } from '../ir/graph.ts';
import type { TrainingEntry } from '../ir/module.ts';
import { optimizers, schedules } from '../optimizers/registry.ts';
import type { Schedule } from '../optimizers/schedule.ts';
import { completeSettings, type Settings } from '../optimizers/setting.ts';
import { sizeNumbers } from '../ir/size-numbers.ts';
import { accumulatedSlot } from './accumulate-gradients.ts';
import { averageSlot } from './average-weights.ts';
import { slotPath } from './optimizer-pass.ts';
import type { Place, Places } from './places.ts';

/** A weight, a piece of state or a slot of the optimiser, by the name that it has in checkpoints. */
export interface StepParameter {
  readonly path: string;
  readonly role: GraphParam['role'];
  readonly shape: readonly number[];
  /** The parameter whose average it is: begins as that does, and is what evaluation and export go by. */
  readonly averages?: string;
  /** The vector that step graphs keep it in, and from where; left out where they have it for itself. */
  readonly place?: Omit<Place, 'size'>;
}

/**
 * All that training keeps from step to step: weights and state as the source declares them, then slots of the weights.
 *
 * @param places as a training step of the module has them
 */
export function stepParameters(
  params: readonly GraphParam[],
  training: TrainingEntry,
  places: Places,
): readonly StepParameter[] {
  const own = params.map(({ path, role, value }): StepParameter => ({
    path,
    role,
    shape: sizeNumbers(value.type.axes),
  }));
  const trained = own.filter(({ role }) => role === 'weight');
  const slots = optimizerSlots(training);
  const kept = trained.flatMap(({ path, shape }) =>
    slots.map((slot): StepParameter => ({ path: slotPath(slot, path), role: 'slot', shape })),
  );
  const averaged = own.map(({ path, shape }): StepParameter => ({
    path: slotPath(averageSlot, path),
    role: 'slot',
    shape,
    averages: path,
  }));
  return [...own, ...kept, ...(training.averaging === undefined ? [] : averaged)].map((parameter) => {
    const place = places.get(parameter.path);
    return place === undefined ? parameter : { ...parameter, place: { vector: place.vector, at: place.at } };
  });
}

/** The places of parameters, and of all that is kept beside them: each slot has a vector for each of the parameters. */
export function placesOfSlots(places: Places, training: TrainingEntry): Places {
  const slots = [...optimizerSlots(training), ...(training.averaging === undefined ? [] : [averageSlot])];
  const ofSlots = [...places].flatMap(([path, place]) =>
    slots.map((slot) => [slotPath(slot, path), { ...place, vector: slotPath(slot, place.vector) }] as const),
  );
  return new Map([...places, ...ofSlots]);
}

function optimizerSlots({ optimizer, accumulation }: TrainingEntry): readonly string[] {
  const definition = optimizers.get(optimizer.name);
  if (definition === undefined) throw new Error(`there is no optimiser ${optimizer.name}`);
  const { settings } = completeSettings(definition.settings, optimizer.args);
  return [...definition.slots(settings), ...(accumulation > 1 ? [accumulatedSlot] : [])];
}

/** How the learning rate goes in a recipe: that of the optimiser times the factor of the schedule. */
export interface RateOfSteps {
  readonly rate: number;
  readonly schedule: Schedule;
  readonly settings: Settings;
}

export function rateOfSteps({ optimizer, schedule: { name, args } }: TrainingEntry): RateOfSteps {
  const { settings } = completeSettings(optimizers.get(optimizer.name)?.settings ?? {}, optimizer.args);
  const schedule = schedules.get(name);
  if (schedule === undefined) throw new Error(`there is no schedule ${name}`);
  return {
    rate: Number(settings['lr']),
    schedule,
    settings: completeSettings(schedule.settings, args).settings,
  };
}
