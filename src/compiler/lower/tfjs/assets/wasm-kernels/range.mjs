/** The numbers from 0 to `count - 1`. @type {(count: number) => number[]} */
export const range = (count) => Array.from({ length: count }, (_, index) => index);
