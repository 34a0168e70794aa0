/** The language server of editors as a process, spoken to over its protocol as an editor does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, until } from './product.ts';

const BIN = join(root, 'node_modules/yaml-language-server/bin/yaml-language-server');
const MODELINE = `# yaml-language-server: $schema=${join(root, 'schemas/topology.schema.json')}\n`;
const SETTINGS = { validate: true, completion: true, hover: true, schemaStore: { enable: false } };
/** Where the cursor stands in a text. */
const CURSOR = '|';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly uri: string; readonly diagnostics: readonly { message: string }[] };
  readonly result?: unknown;
}

export interface Completion {
  readonly label: string;
  readonly insertText: string;
  readonly documentation?: unknown;
}

export class LanguageServer {
  readonly #process: ChildProcess;
  readonly #answers = new Map<number, Message>();
  readonly #problems = new Map<string, readonly string[]>();
  #rest = Buffer.alloc(0);
  #last = 0;

  constructor() {
    this.#process = spawn(process.execPath, [BIN, '--stdio'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#process.stdout?.on('data', (data: Buffer) => {
      this.#rest = Buffer.concat([this.#rest, data]);
      this.#read();
    });
  }

  async start(): Promise<this> {
    const item = { completionItem: { snippetSupport: true } };
    const hover = { contentFormat: ['markdown'] };
    const capabilities = { textDocument: { completion: item, hover } };
    await this.#ask('initialize', { processId: process.pid, rootUri: null, capabilities });
    this.#tell('initialized', {});
    this.#tell('workspace/didChangeConfiguration', { settings: { yaml: SETTINGS } });
    return this;
  }

  /** What it underlines in a file, in order. Waits until it has found something. */
  async problems(text: string): Promise<readonly string[]> {
    const uri = this.#open(text);
    return until(() => {
      const found = this.#problems.get(uri);
      return found !== undefined && found.length > 0 && found;
    });
  }

  /** What it offers where `|` stands. */
  async completions(text: string): Promise<readonly Completion[]> {
    const answer = await this.#at('textDocument/completion', text);
    return (answer as { items: readonly Completion[] }).items;
  }

  /** What it tells of the word where `|` stands, as Markdown. */
  async hover(text: string): Promise<string> {
    const answer = await this.#at('textDocument/hover', text);
    return (answer as { contents: { value: string } }).contents.value;
  }

  stop(): void {
    this.#process.kill();
  }

  async #at(method: string, text: string): Promise<unknown> {
    const before = `${MODELINE}${text.slice(0, text.indexOf(CURSOR))}`.split('\n');
    const position = { line: before.length - 1, character: before[before.length - 1].length };
    const uri = this.#open(text.replace(CURSOR, ''));
    return (await this.#ask(method, { textDocument: { uri }, position })).result;
  }

  #open(text: string): string {
    this.#last++;
    const uri = pathToFileURL(join(root, `pipelines/unsaved-${this.#last}.yaml`)).href;
    const document = { uri, languageId: 'yaml', version: 1, text: `${MODELINE}${text}` };
    this.#tell('textDocument/didOpen', { textDocument: document });
    return uri;
  }

  async #ask(method: string, params: object): Promise<Message> {
    const id = ++this.#last;
    this.#send({ jsonrpc: '2.0', id, method, params });
    return until(() => this.#answers.get(id));
  }

  #tell(method: string, params: object): void {
    this.#send({ jsonrpc: '2.0', method, params });
  }

  #send(message: object): void {
    const text = JSON.stringify(message);
    this.#process.stdin?.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  #read(): void {
    for (;;) {
      const head = this.#rest.indexOf('\r\n\r\n');
      if (head === -1) return;
      const size = Number(
        /Content-Length: (\d+)/.exec(this.#rest.subarray(0, head).toString())?.[1],
      );
      const end = head + 4 + size;
      if (this.#rest.length < end) return;
      const message = JSON.parse(this.#rest.subarray(head + 4, end).toString());
      this.#rest = this.#rest.subarray(end);
      this.#take(message);
    }
  }

  #take({ id, method, params, result }: Message): void {
    if (id !== undefined && method === undefined) this.#answers.set(id, { id, result });
    // It asks for settings that it has been told: there are no others.
    else if (id !== undefined)
      this.#send({
        jsonrpc: '2.0',
        id,
        result: method === 'workspace/configuration' ? [null] : null,
      });
    else if (method === 'textDocument/publishDiagnostics' && params !== undefined) {
      this.#problems.set(
        params.uri,
        params.diagnostics.map(({ message }) => message),
      );
    }
  }
}
