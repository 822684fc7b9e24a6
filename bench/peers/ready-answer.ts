/** What Minnow has answered, for a server that only repeats it. */
export interface ReadyAnswer {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
