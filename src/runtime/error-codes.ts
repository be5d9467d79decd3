/**
 * Every error that a user of the runtime can cause: its stable code and its title.
 *
 * R1xxx files and folders, R2xxx data sets and images, R3xxx models and weight files, R4xxx training.
 */
export const errorCodes = {
  R1001: 'file not found',
  R1002: 'file cannot be read',
  R1003: 'no space left',
  R1004: 'writing is not permitted',
  R1005: 'file cannot be written',
  R1006: 'folder is not empty',

  R2001: 'data folder not found',
  R2002: 'label file not found',
  R2003: 'label file lacks columns',
  R2004: 'row of the label file is malformed',
  R2005: 'split list not found',
  R2006: 'split list is malformed',
  R2007: 'no images found',
  R2008: 'split has no samples',
  R2009: 'image cannot be decoded',
  R2010: 'label unknown to the data set',
  R2011: 'too few patients for a validation split',
  R2012: 'mask not found',
  R2013: 'mask does not fit its image',

  R3001: 'not a safetensors file',
  R3002: 'safetensors header is inconsistent',
  R3003: 'element type not supported',
  R3004: 'model cannot be used',
  R3005: 'weights do not fit the model',

  R4001: 'run or checkpoint is damaged',
  R4002: 'checkpoint of another version',
  R4003: 'another training writes into the folder',
  R4004: 'checkpoint of another architecture',
  R4005: 'training has diverged',
  R4006: 'folder holds a run already',
  R4007: 'model cannot be trained here',
  R4008: 'engine not available',
  R4009: 'out of memory',
  R4010: 'process that computes has ended',
} as const;

export type ErrorCode = keyof typeof errorCodes;
