/**
 * What `@nestjs/swagger` decorates with, said here and heard by whoever writes the OpenAPI document. Nothing of it is
 * read while the shop serves, and the package costs every process 10 MiB and a tenth of a second of its start.
 */
type Library = typeof import('@nestjs/swagger');
type Decorator = (...spot: unknown[]) => void;
type Name =
  | 'ApiBody'
  | 'ApiConsumes'
  | 'ApiExcludeController'
  | 'ApiExtension'
  | 'ApiHeader'
  | 'ApiResponse'
  | 'ApiTags';

let waiting: ((library: Library) => void)[] = [];

/** When all routes are loaded, and before the document is made. */
export function document(library: Library): void {
  for (const say of waiting) say(library);
  waiting = [];
}

function later<Chosen extends Name>(name: Chosen) {
  return (...said: Parameters<Library[Chosen]>): MethodDecorator & ClassDecorator => {
    const say = (library: Library): Decorator =>
      (library[name] as (...said: unknown[]) => Decorator)(...said);
    return (...spot: unknown[]): void => void waiting.push(library => say(library)(...spot));
  };
}

export const ApiBody = later('ApiBody');
export const ApiConsumes = later('ApiConsumes');
export const ApiExcludeController = later('ApiExcludeController');
export const ApiExtension = later('ApiExtension');
export const ApiHeader = later('ApiHeader');
export const ApiResponse = later('ApiResponse');
export const ApiTags = later('ApiTags');
