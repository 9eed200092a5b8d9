// Takes the comments out of the JavaScript in each FILE given, since whoever loads it does not read it: the declarations
// beside it keep theirs. What tools read stays, such as `/* @__PURE__ */`.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [library, ...files] = process.argv.slice(2);
const { default: ts } = await import(pathToFileURL(library).href);

for (const file of files) {
  const text = readFileSync(file, "utf8");
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, false, ts.ScriptKind.JS);
  // Comments by where they begin: several nodes begin after the same one.
  const comments = new Map();
  const visit = (node) => {
    for (const { pos, end } of ts.getLeadingCommentRanges(text, node.pos) ?? []) {
      comments.set(pos, end);
    }
    node.getChildren(source).forEach(visit);
  };
  visit(source);
  let [kept, from] = ["", 0];
  for (const [start, end] of [...comments].sort(([a], [b]) => a - b)) {
    if (!/^(\/\*\*|\/\/)/.test(text.slice(start, start + 3))) {
      continue;
    }
    // With the whole line, where there is nothing else in it.
    const before = text.slice(from, start).replace(/(^|\n)[ \t]*$/, "$1");
    kept += before;
    from = (before === "" || before.endsWith("\n")) && text[end] === "\n" ? end + 1 : end;
  }
  writeFileSync(file, kept + text.slice(from));
}
