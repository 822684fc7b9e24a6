/** No repeat would help: the job goes to the dead letters at once, and its message tells a person why. */
export class HopelessJob extends Error {
  override readonly name = 'HopelessJob';
}
