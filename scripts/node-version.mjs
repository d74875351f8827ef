// First import of every script: says clearly what to do on a Node.js that is too old, before newer syntax is loaded.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Farhand needs Node.js 20.19 or newer; this is ${process.versions.node}.\n` +
      "Debian 13, Raspberry Pi OS and Armbian: sudo apt install nodejs npm. Elsewhere: https://nodejs.org/",
  );
  process.exit(1);
}
