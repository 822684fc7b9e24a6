/**
 * Run after `npm install`: adds to package-lock.json the optional packages of other platforms that npm left out because
 * the registry it asked did not serve them. `npm ci` refuses a lockfile without them ("Missing: … from lock file").
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

interface Locked {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Lockfile {
  packages: Record<string, Locked & Record<string, unknown>>;
}

const systems = [
  'darwin',
  'linux',
  'win32',
  'windows',
  'freebsd',
  'openbsd',
  'netbsd',
  'android',
  'openharmony',
  'aix',
  'sunos',
];
const processors = [
  'arm64',
  'arm',
  'x64',
  'ia32',
  'ppc64le',
  'ppc64',
  'riscv64',
  's390x',
  'loong64',
  'mips64el',
  'wasm32',
];

/** What the name of a platform package says: `@swc/core-linux-arm64-musl` is linux, arm64, musl. */
function platformOf(name: string): Record<string, readonly string[]> {
  const words = name.split('/').at(-1)!.split('-');
  const system = systems.find(os => words.includes(os));
  const processor = processors.find(cpu => words.includes(cpu));
  return {
    ...(processor ? { cpu: [processor] } : {}),
    ...(words.includes('musl') ? { libc: ['musl'] } : {}),
    ...(system ? { os: [system === 'windows' ? 'win32' : system] } : {}),
  };
}

function complete({ packages }: Lockfile): readonly string[] {
  const added: string[] = [];
  for (const [path, { optionalDependencies, dev }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies ?? {})) {
      const place = `node_modules/${name}`;
      if (packages[place] || packages[`${path}/${place}`]) continue;
      packages[place] = { version, ...(dev ? { dev } : {}), optional: true, ...platformOf(name) };
      added.push(`${name}@${version}`);
    }
  }
  return added;
}

const file = resolve(import.meta.dirname, '../package-lock.json');
const lockfile = JSON.parse(readFileSync(file, 'utf8')) as Lockfile;
const added = complete(lockfile);
const sorted = Object.entries(lockfile.packages).sort(([a], [b]) => (a < b ? -1 : 1));
lockfile.packages = Object.fromEntries(sorted);
writeFileSync(file, `${JSON.stringify(lockfile, null, 2)}\n`);
console.log(added.length === 0 ? 'nothing is missing' : `added ${added.join(', ')}`);
