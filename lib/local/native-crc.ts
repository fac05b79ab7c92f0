/** Installs the native CRC32C in this process: several times faster, and only for what never enters a Lambda bundle. */
import { crc32c } from '@node-rs/crc32';
import { useCrc32c } from '../bytes/crc32c.ts';

export const installNativeCrc = (): void => useCrc32c((bytes, seed) => crc32c(bytes, seed));
