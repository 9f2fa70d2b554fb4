// Starts an edge under workerd, loopback only, with its configuration and its database in a folder;
// takes what node.mjs takes, says what it says, and ends workerd when it is ended.
//
//   node run_workerd.mjs --upstream URL[,URL] --genesis FILE [--port N] [--host HOST] [--data DIR]
//     [--deploy DIR] [--fresh MS] [--max-bytes N] [--body-bytes N] [--json]

import { ChildProcess, spawn } from 'node:child_process';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = path.dirname(fileURLToPath(import.meta.url));
const modules = ['workerd.mjs', 'bounded.mjs', 'core.mjs', 'edge.mjs', 'forward.mjs',
  'memory.mjs', 'serving.mjs', 'sql_store.mjs', 'subscription.mjs', 'core_module.mjs', 'core.wasm'];
const killAfterMs = 10000;

interface Settings {
  upstream: string;
  genesis: string;
  port: string;
  host: string;
  data: string;
  deploy: string;
  workerd: string;
  fresh: string;
  'max-bytes': string;
  'body-bytes': string;
  json: boolean;
}

function fail(message: string): never {
  process.stderr.write(`edge: ${message}\n`);
  process.exit(1);
}

function settingsOf(): Settings {
  const text = (value: string) => ({ type: 'string' as const, default: value });
  const { values } = parseArgs({ options: {
    upstream: text(''), genesis: text(''), port: text('8081'), host: text('127.0.0.1'),
    data: text('ashlar-edge'), deploy: text('deploy/edge'), workerd: text('workerd'),
    fresh: text('1000'), 'max-bytes': text(String(8 * 2 ** 30)), 'body-bytes': text('0'),
    json: { type: 'boolean', default: false },
  } });
  const settings = values as Settings;
  if (!settings.upstream || !settings.genesis) {
    fail('--upstream URL[,URL] and --genesis FILE are needed');
  }
  for (const name of ['port', 'fresh', 'max-bytes', 'body-bytes'] as const) {
    if (!/^[0-9]+$/.test(settings[name])) fail(`--${name} ${settings[name]}: is no number`);
  }
  return settings;
}

// A text of Cap'n Proto's.
function quoted(text: string): string {
  if (/[^\x20-\x7e]/.test(text)) fail(`${text}: only ASCII can be put into a configuration`);
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

// Which addresses the edge may reach at all: no more than what its upstreams need.
function networksOf(upstreams: string): string {
  const isLocal = upstreams.split(',').every((url) =>
    /^(localhost|127\.[0-9.]+|\[::1\])$/.test(new URL(url).hostname));
  return isLocal ? '["local"]' : '["public", "private"]';
}

async function writeConfiguration(settings: Settings): Promise<string> {
  const worker = path.join(settings.data, 'worker');
  await mkdir(worker, { recursive: true });
  await mkdir(path.join(settings.data, 'store'), { recursive: true });
  for (const name of modules) await copyFile(path.join(here, name), path.join(worker, name));
  const configuration = path.join(settings.data, 'config.capnp');
  await copyFile(path.join(settings.deploy, 'config.capnp'), configuration);
  const genesis = await readFile(settings.genesis, 'utf8').catch((error: Error) => fail(error.message));
  await writeFile(path.join(settings.data, 'genesis.json'), genesis);
  await writeFile(path.join(settings.data, 'settings.capnp'), `# Written at each start.
@0xd4c8e1579ab3f260;

const listen :Text = ${quoted(`${settings.host}:${settings.port}`)};
const upstreams :Text = ${quoted(settings.upstream)};
const upstreamNetworks :List(Text) = ${networksOf(settings.upstream)};
const freshMs :Text = ${quoted(settings.fresh)};
const maxBytes :Text = ${quoted(settings['max-bytes'])};
const bodyBytesMax :Text = ${quoted(settings['body-bytes'])};
const validatorUrl :Text = "";
`);
  return configuration;
}

function start(settings: Settings, configuration: string): ChildProcess {
  // Where this process is killed, workerd gets a signal, too.
  const command = ['--pdeathsig', 'TERM', settings.workerd, 'serve', configuration,
    '--directory-path', `store=${path.resolve(settings.data, 'store')}`, '--control-fd', '3'];
  const child = spawn('setpriv', command, { stdio: ['ignore', 2, 2, 'pipe'] });
  child.on('error', (error) => fail(`setpriv: ${error.message}`));
  return child;
}

// From workerd's control messages, one JSON object a line.
async function portOf(child: ChildProcess): Promise<number | undefined> {
  let text = '';
  for await (const piece of child.stdio[3] as Readable) {
    text += String(piece);
    const line = text.split('\n').find((one) => one.includes('"listen"'));
    if (line !== undefined && text.includes('\n')) return (JSON.parse(line) as { port: number }).port;
  }
  return undefined;
}

async function main(): Promise<void> {
  const settings = settingsOf();
  const child = start(settings, await writeConfiguration(settings));
  const ended = new Promise<number>((resolve) => {
    child.on('exit', (code, signal) => resolve(signal === null ? code ?? 1 : 0));
  });
  const end = () => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), killAfterMs).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
  const port = await portOf(child);
  if (port === undefined) fail(`workerd ended with ${await ended}`);
  const url = `http://${settings.host}:${port}`;
  const health = await fetch(`${url}/health/ready`);
  if (!health.ok) {
    end();
    await ended;
    fail((await health.text()).trim());
  }
  const { network } = await (await fetch(`${url}/health`)).json() as { network: string };
  const said = settings.json ? JSON.stringify({ url, network, pid: child.pid })
    : `an edge of ${network} serves ${url} under workerd`;
  process.stdout.write(`${said}\n`);
  process.exit(await ended);
}

await main();
