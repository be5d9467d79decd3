/** What `netc init` can start from. Each is a folder beside this file. */
export const templates = ['classifier'] as const;

export type Template = (typeof templates)[number];
