const signatures = [
  { extension: 'png', at: 0, bytes: Buffer.from('89504e470d0a1a0a', 'hex') },
  { extension: 'jpg', at: 0, bytes: Buffer.from('ffd8ff', 'hex') },
  { extension: 'webp', at: 8, bytes: Buffer.from('WEBP') },
] as const;

export type PictureExtension = (typeof signatures)[number]['extension'];

/** What the bytes say they are, by their signatures; null for anything that a browser might take for something else. */
export function pictureTypeOf(bytes: Buffer): PictureExtension | null {
  const found = signatures.find(({ at, bytes: mark }) => bytes.subarray(at, at + mark.length).equals(mark));
  if (found?.extension === 'webp' && bytes.subarray(0, 4).toString('latin1') !== 'RIFF') return null;
  return found?.extension ?? null;
}
