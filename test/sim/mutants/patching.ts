/** Patches a source file as it is loaded, in this thread and from now on. */
import { registerHooks } from 'node:module';
import type { Patch } from './mutant.ts';

const ROOT = new URL('../../../', import.meta.url);

/** Where the file of a patch is. */
export const urlOf = ({ file }: Pick<Patch, 'file'>): string => new URL(file, ROOT).href;

/** `source` as the patch has it. @throws Error when something to be replaced is not there exactly once */
export const patched = ({ file, edits }: Patch, source: string): string =>
  edits.reduce((text, { find, replace }) => {
    const found = text.split(find).length - 1;
    if (found !== 1) throw new Error(`${file} has ${found} times, not once:\n${find}`);
    return text.replace(find, () => replace);
  }, source);

/** Nothing of the file may have been loaded before. Whether it was loaded since, patched. */
export const patchOnLoad = (patch: Patch): { readonly isLoaded: () => boolean } => {
  const url = urlOf(patch);
  let isLoaded = false;
  registerHooks({
    load(asked, context, nextLoad) {
      const loaded = nextLoad(asked, context);
      if (asked !== url) return loaded;
      isLoaded = true;
      return {
        ...loaded,
        source: patched(patch, Buffer.from(loaded.source as Uint8Array).toString()),
      };
    },
  });
  return { isLoaded: () => isLoaded };
};
