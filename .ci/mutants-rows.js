// What is wrong with the form of the table of mutants. It reads the text, not the object: of two rows that a merge ran together, or a member that is there
// twice, the object shows only the last.
import ts from 'typescript';

const members = ['name', 'promise', 'file', 'search', 'replace', 'tests'];

/** One sentence for each problem in the text of `mutants-table.js`; none: each row has each member once, and each name is there once. */
export function rowProblems(text) {
  const source = ts.createSourceFile('mutants-table.js', text, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const problems = source.parseDiagnostics.map(({ messageText, start }) => `${placeOf(start)}: ${messageText}`);
  const table = source.statements.flatMap((statement) =>
    ts.isVariableStatement(statement) ? [...statement.declarationList.declarations] : [],
  )[0]?.initializer;
  if (table === undefined || !ts.isArrayLiteralExpression(table)) return [...problems, 'there is no list of rows'];
  const seen = new Map();
  for (const row of table.elements) {
    const place = placeOf(row.getStart());
    if (!ts.isObjectLiteralExpression(row)) {
      problems.push(`${place}: is no row`);
      continue;
    }
    const keys = row.properties.map((property) => property.name?.getText() ?? property.getText());
    for (const member of members) {
      const count = keys.filter((key) => key === member).length;
      if (count !== 1) problems.push(`${place}: the row has ${member} ${count} times`);
    }
    for (const key of keys)
      if (!members.includes(key)) problems.push(`${place}: the row has ${key}, which means nothing`);
    const name = row.properties.find((property) => property.name?.getText() === 'name')?.initializer?.getText();
    if (seen.has(name)) problems.push(`${place}: ${name} is the name of the row in ${seen.get(name)} too`);
    seen.set(name, place);
  }
  return problems;

  function placeOf(position) {
    return `line ${source.getLineAndCharacterOfPosition(position).line + 1}`;
  }
}
