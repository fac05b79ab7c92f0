/**
 * Values that tell who sent them: `r3.p1.42.4096|…` is 4,096 bytes, the 42nd value of producer 1 in
 * round 3. The bytes after the bar follow from those before it, so a value that was cut, mixed with
 * another or padded with zeros gives itself away.
 */

/** The whole value that an id stands for. Its last number is its size in bytes. */
export const valueFor = (id: string): string => {
  const sizeBytes = Number(id.slice(id.lastIndexOf('.') + 1));
  const lead = `${id}|`;
  return lead.repeat(Math.ceil(sizeBytes / lead.length)).slice(0, Math.max(sizeBytes, lead.length));
};

/** The id of a value; undefined when the value is not what its id stands for. */
export const idOf = (value: string): string | undefined => {
  const id = value.slice(0, value.indexOf('|'));
  return /^r\d+\.p\d+\.\d+\.\d+$/.test(id) && valueFor(id) === value ? id : undefined;
};
