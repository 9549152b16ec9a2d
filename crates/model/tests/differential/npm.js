// Reads "A<TAB>B" lines; prints <, =, > or ? as npm's `semver` orders them. The first argument is where it is installed.
const semver = require(`${process.argv[2]}/node_modules/semver`);

const lines = require("fs").readFileSync(0, "utf8").split("\n").slice(0, -1);
const signs = { "-1": "<", 0: "=", 1: ">" };
console.log(lines.map((line) => {
  const [left, right] = line.split("\t");
  try {
    return signs[semver.compare(left, right)];
  } catch {
    return "?";
  }
}).join("\n"));
