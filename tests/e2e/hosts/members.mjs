// The names of all that is public, read from the package's declarations.

import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);
const ts = createRequire(require.resolve('@arethetypeswrong/core'))('typescript');

/** `{ exports: […], Task: […], … }`, of the main entry. */
export async function publicMembers(folder) {
  const members = { exports: [] };
  const types = path.join(folder, 'node_modules/taskloom/lib');
  const files = (await readdir(types)).filter(name => name.endsWith('.d.ts'));
  for (const file of files) {
    const { statements } = ts.createSourceFile(file, await readFile(path.join(types, file), 'utf8'), ts.ScriptTarget.ES2022);
    for (const statement of statements) {
      if (!statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) continue;
      if (ts.isVariableStatement(statement)) for (const { name } of statement.declarationList.declarations) members.exports.push(name.text);
      if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) members.exports.push(statement.name.text);
      if (!ts.isClassDeclaration(statement) && !ts.isInterfaceDeclaration(statement)) continue;
      members[statement.name.text] = unique([...(members[statement.name.text] ?? []), ...statement.members.map(nameOf).filter(Boolean)]);
    }
  }
  members.exports = unique(members.exports);
  members.ScheduleContext = unique([...members.TaskContext, ...members.ScheduleContext]);
  return members;
}

const unique = list => [...new Set(list)];

const nameOf = ({ name }) => name && (ts.isComputedPropertyName(name) ? `[Symbol.${name.expression.name.text}]` : name.text);
