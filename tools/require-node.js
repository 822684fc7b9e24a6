// Plain JavaScript that any Node can read: on an old one every TypeScript file would fail with a riddle instead.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 24 || (major === 24 && minor < 15)) {
  console.error(
    `Minnow needs Node >= 24.15 and this is ${process.versions.node} (${process.execPath}). ` +
      '`npm ci` brings the right one where npm has it for this platform; use `npm start` or install Node 24.',
  );
  process.exit(1);
}
