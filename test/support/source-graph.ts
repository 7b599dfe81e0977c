import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** One import, export-from, import() or require() of a file. */
export interface Import {
  /** As written for a package; for a file of the tree its path from the root without extension, such as `src/lib/log`. */
  readonly target: string;
  readonly typeOnly: boolean;
}

export interface SourceFile {
  /** From the root, without extension: `src/lib/log`. */
  readonly name: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  /** Properties of globals that are used, such as `process.exit` and `console.log`. */
  readonly globals: readonly string[];
}

const WATCHED_GLOBALS = ['process', 'console'];

/** What a file imports and uses; relative imports are resolved against its own place. */
export function parseSource(name: string, text: string): SourceFile {
  const imports: Import[] = [];
  const globals: string[] = [];

  function add(specifier: ts.Node | undefined, typeOnly: boolean): void {
    if (specifier && ts.isStringLiteralLike(specifier)) {
      const relative = specifier.text.startsWith('.');
      imports.push({ target: relative ? path.join(path.dirname(name), specifier.text) : specifier.text, typeOnly });
    }
  }

  function visit(node: ts.Node): void {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, node.isTypeOnly);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, true);
    } else if (ts.isCallExpression(node) && isLoad(node.expression)) {
      add(node.arguments[0], false);
    } else if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
      if (WATCHED_GLOBALS.includes(node.expression.text)) {
        globals.push(`${node.expression.text}.${node.name.text}`);
      }
    }
    ts.forEachChild(node, visit);
  }

  visit(ts.createSourceFile(`${name}.ts`, text, ts.ScriptTarget.Latest));
  return { name, lines: text.trimEnd().split('\n').length, imports, globals };
}

function isLoad(callee: ts.Expression): boolean {
  return callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require');
}

/** Every .ts file below a directory of the root, declarations (.d.ts) left out. */
export function readSources(root: string, directory: string): SourceFile[] {
  return readdirSync(path.join(root, directory), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .map((file) => path.join(directory, file))
    .map((file) => parseSource(file.slice(0, -'.ts'.length), readFileSync(path.join(root, file), 'utf8')));
}
