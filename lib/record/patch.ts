/**
 * What a broker rewrites in a batch that a client made, in place.
 *
 * Base offset and leader epoch lie outside the CRC; the timestamp type and the max timestamp inside.
 */
import { crc32c } from '../bytes/crc32c.ts';
import { setInt16, setInt32, setInt64 } from '../bytes/integers.ts';
import {
  ATTRIBUTES_AT,
  attributesOf,
  BASE_OFFSET_AT,
  CRC_AT,
  LEADER_EPOCH_AT,
  LOG_APPEND_TIME_FLAG,
  MAX_TIMESTAMP_AT,
} from './layout.ts';

/** Gives the batch at `at` of `bytes` its place in the log. */
export const writeBaseOffset = (bytes: Uint8Array, baseOffset: number, at = 0): void => {
  setInt64(bytes, at + BASE_OFFSET_AT, baseOffset);
};

/** Writes the leader epoch of the batch at `at` of `bytes`. */
export const writePartitionLeaderEpoch = (bytes: Uint8Array, epoch: number, at = 0): void => {
  setInt32(bytes, at + LEADER_EPOCH_AT, epoch);
};

/**
 * Turns a whole batch into one with log append time (`message.timestamp.type`): its records then all
 * have the timestamp `logAppendTime` (ms since the epoch), without being rewritten. The CRC is
 * computed anew.
 */
export const writeLogAppendTime = (batch: Uint8Array, logAppendTime: number): void => {
  setInt16(batch, ATTRIBUTES_AT, attributesOf(batch) | LOG_APPEND_TIME_FLAG);
  setInt64(batch, MAX_TIMESTAMP_AT, logAppendTime);
  setInt32(batch, CRC_AT, crc32c(batch.subarray(ATTRIBUTES_AT)));
};
