/** What is the same for all requests of one method and route that end with one status: few, so each is made once. */
export class ByEnding<T> {
  private readonly made = new Map<string, Map<string, Map<number, T>>>();

  constructor(private readonly make: (method: string, route: string, status: number) => T) {}

  of(method: string, route: string, status: number): T {
    return this.made.get(route)?.get(method)?.get(status) ?? this.add(method, route, status);
  }

  private add(method: string, route: string, status: number): T {
    const value = this.make(method, route, status);
    const ofRoute = this.made.get(route) ?? new Map<string, Map<number, T>>();
    const ofMethod = ofRoute.get(method) ?? new Map<number, T>();
    this.made.set(route, ofRoute.set(method, ofMethod.set(status, value)));
    return value;
  }
}
