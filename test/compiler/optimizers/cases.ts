/** Optimisers with settings that between them take every branch of a definition. */
export const optimizerCases: readonly (readonly [
  name: string,
  settings: Readonly<Record<string, number | boolean>>,
])[] = [
  ['sgd', { lr: 0.1 }],
  ['sgd', { lr: 0.1, momentum: 0.9 }],
  ['sgd', { lr: 0.1, momentum: 0.9, nesterov: true, weight_decay: 0.01 }],
  ['sgd', { lr: 0.1, weight_decay: 0.1 }],
  ['adam', {}],
  ['adam', { lr: 0.01, beta1: 0.8, beta2: 0.9, eps: 1e-3, weight_decay: 0.1 }],
  ['adam', { beta1: 0, weight_decay: 0.01 }],
  ['adamw', {}],
  ['adamw', { lr: 0.01, beta2: 0.95, weight_decay: 0 }],
  ['adamw', { lr: 0.01, weight_decay: 0.5 }],
  ['rmsprop', {}],
  ['rmsprop', { lr: 0.01, alpha: 0.9, eps: 1e-3, momentum: 0.9, weight_decay: 0.1 }],
  ['rmsprop', { lr: 0.01, centered: true }],
  ['rmsprop', { lr: 0.01, alpha: 0.8, momentum: 0.5, centered: true, weight_decay: 0.01 }],
  ['lion', {}],
  ['lion', { lr: 0.01, beta1: 0.8, beta2: 0.9, weight_decay: 0.5 }],
];
