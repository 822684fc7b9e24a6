/**
 * Text that is gathered to be sent as bytes. It is encoded when it is added, once, which leaves no strings waiting that
 * the garbage collector would have to look after.
 */
export class TextBuffer {
  /** How many texts were added. */
  count = 0;
  private bytes = Buffer.allocUnsafeSlow(0);
  private length = 0;

  constructor(private readonly size: number) {}

  /** False, and nothing is added, when there is no room for all of it. */
  add(text: string): boolean {
    // Nothing is longer in UTF-8; most is shorter, and need not be measured.
    if (text.length * 3 > this.size - this.length && Buffer.byteLength(text) > this.size - this.length) {
      return false;
    }
    if (this.bytes.length === 0) this.bytes = Buffer.allocUnsafeSlow(this.size);
    this.length += this.bytes.write(text, this.length);
    this.count++;
    return true;
  }

  /** What has been added since, to keep. */
  take(): Buffer {
    const taken = this.bytes.subarray(0, this.length);
    this.bytes = Buffer.allocUnsafeSlow(0);
    this.length = 0;
    this.count = 0;
    return taken;
  }
}
