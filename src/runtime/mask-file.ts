import { basename, extname, join } from 'node:path';
import { UserError } from './errors.ts';

/** What the mask of an image is called, in the folder of each label. */
export function maskName(image: string): string {
  return `${basename(image, extname(image))}.png`;
}

/**
 * The folder of a label's masks in a folder of masks. Labels come from sources and from files of strangers: UserError R2012
 * for one that would lead anywhere else.
 */
export function maskFolderOf(folder: string, label: string): string {
  if (/^\.{0,2}$|[/\\\0]/.test(label)) {
    throw new UserError(
      'R2012',
      `The label ${JSON.stringify(label)} cannot be the name of a folder of masks.`,
      {
        place: folder,
        remedy:
          'Give the labels of the model the names of folders: not empty, not `.` or `..`, and without / and \\.',
      },
    );
  }
  return join(folder, label);
}
